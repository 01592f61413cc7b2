import { createTestContext, type Hook } from '@mesita/sdk/module';
import type { TaskInfo } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { createHooks } from '../../hooks/hooks.ts';
import type { MessageEvent } from '../core/events.ts';
import { createRunTaskHooks } from './run-task-hooks.ts';

const framework = { id: { value: 'f' }, name: 'f', user: 'u' };
const task = (id: string): TaskInfo => ({
  name: id,
  taskId: { value: id },
  agentId: { value: 'a' },
});
const run = (id: string): MessageEvent => ({
  type: 'RunTaskMessage',
  from: 'master@h:1' as never,
  message: { framework, task: task(id) },
});
const kill = (id: string): MessageEvent => ({
  type: 'KillTaskMessage',
  from: 'master@h:1' as never,
  message: { frameworkId: { value: 'f' }, taskId: { value: id } },
});

function gateOf(hook: Hook) {
  const { log } = createTestContext().context;
  const posted: string[] = [];
  const pass = createRunTaskHooks({
    hooks: createHooks([{ name: 'h', hook }], { log }),
    config: { launcherDir: '' } as never,
    state: { info: {} } as never,
    log,
    post(event) {
      const { taskId, task: ran } = event.message as {
        taskId?: TaskInfo['taskId'];
        task?: TaskInfo;
      };
      const labels = ran?.labels?.labels?.map(({ key }) => key).join() ?? '';
      posted.push(`${event.type} ${taskId?.value ?? ran?.taskId.value} ${labels}`.trim());
    },
  });
  return { pass, posted };
}

test('a slow hook holds up its task and what follows about it, nothing else', async () => {
  let answer = () => {};
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { pass, posted } = gateOf({
    async agentRunTaskLabelDecorator({ name }) {
      if (name === 'slow') await slow;
      return { labels: [{ key: name }] };
    },
  });
  for (const event of [run('slow'), kill('slow'), kill('other')]) pass(event);
  expect(posted).toEqual(['KillTaskMessage other']);
  pass(run('quick'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(posted.at(-1)).toBe('RunTaskMessage quick quick');
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  expect(posted.slice(2)).toEqual(['RunTaskMessage slow slow', 'KillTaskMessage slow']);
});

test('without such a hook nothing waits a turn', () => {
  const { pass, posted } = gateOf({});
  pass(run('t'));
  expect(posted).toEqual(['RunTaskMessage t']);
});
