// A custom executor over the v1 executor API and nothing but node:http, as somebody's own would be.
// Its tasks run until a message `finish <task>` comes; every message is sent back in capitals.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import process from 'node:process';

const { MESOS_AGENT_ENDPOINT: agent, MESOS_FRAMEWORK_ID, MESOS_EXECUTOR_ID } = process.env;
const ids = {
  framework_id: { value: MESOS_FRAMEWORK_ID },
  executor_id: { value: MESOS_EXECUTOR_ID },
};

function call(body, onAnswer = (answer) => answer.resume()) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const options = { method: 'POST', headers };
  const sent = request(`http://${agent}/api/v1/executor`, options, onAnswer);
  sent.on('error', (error) => console.error(error.message));
  sent.end(JSON.stringify({ ...ids, ...body }));
}

function update(task_id, state) {
  const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64');
  const status = { task_id, state, uuid, source: 'SOURCE_EXECUTOR', message: `it is ${state}` };
  call({ type: 'UPDATE', update: { status } });
}

const handlers = {
  SUBSCRIBED: ({ subscribed }) => console.log(`subscribed ${subscribed.executor_info.name}`),
  LAUNCH: ({ launch }) => update(launch.task.task_id, 'TASK_RUNNING'),
  KILL: ({ kill }) => update(kill.task_id, 'TASK_KILLED'),
  MESSAGE: ({ message }) => {
    const text = Buffer.from(message.data, 'base64').toString();
    const data = Buffer.from(text.toUpperCase()).toString('base64');
    call({ type: 'MESSAGE', message: { data } });
    const [, task] = /^finish (.+)$/.exec(text) ?? [];
    if (task) update({ value: task }, 'TASK_FINISHED');
  },
  SHUTDOWN: () => {
    console.log('shut down');
    process.exit(0);
  },
};

const subscribe = { unacknowledged_tasks: [], unacknowledged_updates: [] };
call({ type: 'SUBSCRIBE', subscribe }, (answer) => {
  let rest = '';
  answer.setEncoding('utf8').on('data', (text) => {
    rest += text;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const size = Number(rest.slice(0, end));
      if (rest.length < end + 1 + size) return;
      const event = JSON.parse(rest.slice(end + 1, end + 1 + size));
      rest = rest.slice(end + 1 + size);
      handlers[event.type]?.(event);
    }
  });
  answer.on('end', () => process.exit(1));
});
