import { randomUUID } from 'node:crypto';
import type { Pid } from '@mesita/sdk/base';
import { createMessenger } from '../../mesita/src/net/messenger.ts';
import { createServer } from '../../mesita/src/net/server.ts';
import {
  decodeReceived,
  encodeMessage,
  type MessageName,
  type MessageOf,
} from '../../mesita/src/wire/messages.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const agentId = { value: 'bench-S0' };
const frameworkId = { value: 'bench-0000' };

/** Gives its one agent so many tasks. `done`: seconds from the first update to the last one. */
export async function acknowledgeAll(tasks: number, updates: number) {
  const server = createServer({ processes: [], delegate: 'master', log });
  const self = await server.listen('127.0.0.1', 0);
  const messenger = createMessenger({ self, log });
  let agent = '' as Pid;
  let began = 0;
  let count = 0;
  let finish = (_seconds: number) => {};
  const done = new Promise<number>((resolve) => {
    finish = resolve;
  });
  function send<N extends MessageName>(name: N, message: MessageOf<N>): void {
    messenger.send(agent, 'master', name, encodeMessage(name, message));
  }
  server.add({
    id: 'master',
    routes: [],
    receive({ from, name, body }) {
      const received = decodeReceived('master', name, body);
      if (received?.name === 'mesos.internal.RegisterSlaveMessage') {
        // It may ask again before it has its answer.
        if (agent !== '') return;
        agent = from as Pid;
        send('mesos.internal.SlaveRegisteredMessage', { agentId });
        for (let i = 0; i < tasks; i++) {
          send('mesos.internal.RunTaskMessage', runTask(i, received.message.resourceVersionUuid));
        }
      } else if (received?.name === 'mesos.internal.StatusUpdateMessage') {
        const { status, uuid } = received.message.update;
        began ||= performance.now();
        send('mesos.internal.StatusUpdateAcknowledgementMessage', {
          agentId,
          frameworkId,
          taskId: status.taskId,
          uuid: uuid!,
        });
        if (++count === updates) finish((performance.now() - began) / 1000);
      }
    },
  });
  return {
    port: self.port,
    done,
    async close() {
      messenger.close();
      await server.close();
    },
  };
}

type ResourceVersion = MessageOf<'mesos.internal.RegisterSlaveMessage'>['resourceVersionUuid'];

function runTask(
  index: number,
  version: ResourceVersion,
): MessageOf<'mesos.internal.RunTaskMessage'> {
  const id = `task-${index}-${randomUUID()}`;
  return {
    framework: { id: frameworkId, user: 'root', name: 'bench', checkpoint: true },
    pid: '',
    task: {
      name: id,
      taskId: { value: id },
      agentId,
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: 0.01 }, allocationInfo: { role: '*' } },
        { name: 'mem', type: 'SCALAR', scalar: { value: 32 }, allocationInfo: { role: '*' } },
      ],
      command: { value: 'true' },
    },
    resourceVersionUuids: version ? [{ uuid: version }] : [],
  };
}
