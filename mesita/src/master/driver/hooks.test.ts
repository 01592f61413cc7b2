import type { AgentId, Pid } from '@mesita/sdk/base';
import { createTestContext, type Hook } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { TaskInfo } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { createHooks } from '../../hooks/hooks.ts';
import { tellAgentIsLost } from '../core/agent-departure.ts';
import type { MasterEffect } from '../core/effects.ts';
import type { MasterEvent } from '../core/events.ts';
import type { MasterState } from '../core/state.ts';
import type { Turn } from '../core/turn.ts';
import { createAcceptHooks } from './accept-hooks.ts';
import { createRunTaskHooks } from './run-task-hooks.ts';

const { log } = createTestContext().context;
const hooksOf = (hook: Hook) => createHooks([{ name: 'h', hook }], { log });
const settled = () => new Promise((resolve) => setImmediate(resolve));

const agent = {
  info: { hostname: 'h' },
  total: Resources.of([{ name: 'cpus', type: 'SCALAR', scalar: { value: 4 } }]),
};
const state = {
  offers: new Map([['o', { agentId: 'a' }]]),
  agents: { registered: new Map([['a', agent]]), byPid: new Map([['slave(1)@h:1', agent]]) },
} as unknown as MasterState;

const frameworkId = { value: 'f' };
const task = (name: string): TaskInfo => ({
  name,
  taskId: { value: name },
  agentId: { value: 'a' },
});

test('tasks get their resources before the core sees them; their kills come after', async () => {
  const seen: MasterEvent[] = [];
  const pass = createAcceptHooks({
    hooks: hooksOf({ masterLaunchTaskResourceDecorator: async (_task, total) => total }),
    ...{ state, log, post: (event: MasterEvent) => void seen.push(event) },
  });
  const call = (body: object) =>
    ({ type: 'SchedulerCall', requestId: 'r', call: { frameworkId, ...body } }) as MasterEvent;
  const operations = [{ type: 'LAUNCH', launch: { taskInfos: [task('t')] } }];
  pass(call({ type: 'ACCEPT', accept: { offerIds: [{ value: 'o' }], operations } }));
  pass(call({ type: 'KILL', kill: { taskId: { value: 't' } } }));
  pass(call({ type: 'REVIVE' }));
  await settled();
  expect(
    seen.map((event) => {
      const { type, accept } = (event as Extract<MasterEvent, { type: 'SchedulerCall' }>).call;
      return [type, accept?.operations?.[0]?.launch?.taskInfos?.[0]?.resources?.[0]?.scalar?.value];
    }),
  ).toEqual([
    ['REVIVE', undefined],
    ['ACCEPT', 4],
    ['KILL', undefined],
  ]);
});

test('tasks get their labels on the way to their agent; their kills come after', async () => {
  const sent: string[] = [];
  const send = createRunTaskHooks({
    hooks: hooksOf({
      masterLaunchTaskLabelDecorator: async ({ name }, framework, { hostname }) => ({
        labels: [{ key: `${name} ${framework.name} ${hostname}` }],
      }),
    }),
    ...{ state, log },
    send({ message: { name, body } }) {
      const { labels } = (body as { task?: TaskInfo }).task ?? {};
      sent.push(`${name} ${labels?.labels?.[0]?.key ?? ''}`.trim());
    },
  });
  const to = 'slave(1)@h:1' as Pid;
  const framework = { id: frameworkId, name: 'fw', user: 'u' };
  const message = { name: 'RunTaskMessage', body: { framework, task: task('t') } } as const;
  const kill = { name: 'KillTaskMessage', body: { frameworkId, taskId: { value: 't' } } } as const;
  const ping = { name: 'PingSlaveMessage', body: { connected: true } } as const;
  for (const one of [message, kill, ping]) send({ type: 'send', to, from: 'master', message: one });
  await settled();
  expect(sent).toEqual(['PingSlaveMessage', 'RunTaskMessage t fw h', 'KillTaskMessage']);
});

test('hooks are told of a lost agent where one asks for it', () => {
  const emitted: MasterEffect[] = [];
  const lose = (moments: readonly 'masterAgentLost'[]) =>
    tellAgentIsLost(
      {
        state: { frameworks: { registered: new Map() } },
        config: { hookedAt: new Set(moments) },
        emit: (effect: MasterEffect) => void emitted.push(effect),
      } as unknown as Turn,
      'a' as AgentId,
      agent.info,
    );
  lose([]);
  lose(['masterAgentLost']);
  expect(emitted).toEqual([{ type: 'agentLost', agent: agent.info }]);
});
