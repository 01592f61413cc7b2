import { createTestContext, type Hook } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, ExecutorInfo, Labels, TaskInfo } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { createHooks } from './hooks.ts';
import { installHooks } from './install.ts';

const task: TaskInfo = {
  name: 't',
  taskId: { value: 't' },
  agentId: { value: 'a' },
  labels: { labels: [{ key: 'own' }] },
  resources: [],
};
const agent = { hostname: 'h', resources: [] } as AgentInfo;
const framework = { user: 'u', name: 'f' };

function hooksOf(...hooks: Hook[]) {
  const world = createTestContext();
  const { log } = world.context;
  const installed = hooks.map((hook, index) => ({ name: `h${index}`, hook }));
  const failures: string[] = [];
  const hooks_ = createHooks(installed, {
    log,
    onFailure: (hook, method) => failures.push(`${hook} ${method}`),
  });
  return { hooks: hooks_, world, failures };
}

const add =
  (key: string): NonNullable<Hook['masterLaunchTaskLabelDecorator']> =>
  ({ labels }) => ({ labels: [...(labels?.labels ?? []), { key }] });

test('§6.13 a value replaces and is seen by the next; nothing, errors and nonsense keep', async () => {
  const { hooks, failures, world } = hooksOf(
    { masterLaunchTaskLabelDecorator: add('first') },
    {},
    { masterLaunchTaskLabelDecorator: () => undefined },
    {
      masterLaunchTaskLabelDecorator() {
        throw new Error('boom');
      },
    },
    { masterLaunchTaskLabelDecorator: async () => 7 as unknown as Labels },
    { masterLaunchTaskLabelDecorator: async (...args) => add('last')(...args) },
  );
  const decorated = await hooks.masterTaskLabels(task, framework, agent);
  expect(decorated.labels?.labels?.map(({ key }) => key)).toEqual(['own', 'first', 'last']);
  expect(failures).toEqual([
    'h3 masterLaunchTaskLabelDecorator',
    'h4 masterLaunchTaskLabelDecorator',
  ]);
  expect(world.lines).toEqual(['warn: hook failed', 'warn: hook failed']);
});

test('only what some hook has is had', () => {
  const { hooks } = hooksOf({ agentPostFetch() {} }, {});
  expect([hooks.has('agentPostFetch'), hooks.has('masterAgentLost')]).toEqual([true, false]);
});

test('each decorator changes its field', async () => {
  const seen: string[] = [];
  const { hooks } = hooksOf({
    masterLaunchTaskResourceDecorator: (_task, total) => total,
    agentRunTaskLabelDecorator: (one, executor) => {
      seen.push(`${one.name} ${executor.executorId.value}`);
      return { labels: [] };
    },
    agentTaskStatusDecorator: (_framework, status) => ({
      ...status,
      state: 'TASK_LOST',
      labels: { labels: [{ key: 'l' }] },
    }),
    agentResourcesDecorator: () => Resources.parse('cpus:2') as never,
    agentAttributesDecorator: () => [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }],
    masterAgentLost: ({ hostname }) => void seen.push(`lost ${hostname}`),
    agentRemoveExecutor: (_framework, { executorId }) => void seen.push(`gone ${executorId.value}`),
    agentPostFetch: ({ value }, directory) => void seen.push(`fetched ${value} ${directory}`),
  });
  const executor: ExecutorInfo = { executorId: { value: 'e' } };
  const total = Resources.of([{ name: 'cpus', type: 'SCALAR', scalar: { value: 3 } }]);
  await hooks.agentLost(agent);
  await hooks.removeExecutor(framework, executor);
  await hooks.postFetch({ value: 'c' }, '/s');
  expect({
    resources: (await hooks.taskResources(task, total)).resources?.map((r) => r.scalar?.value),
    labels: (await hooks.agentTaskLabels(task, executor, framework, agent)).labels,
    status: await hooks.taskStatus(
      { value: 'f' },
      { taskId: { value: 't' }, state: 'TASK_RUNNING' },
    ),
    // Its answer above is a Result, which is no Resources: only the attributes come through.
    agent: await hooks.agentInfo(agent),
    seen,
  }).toEqual({
    resources: [3],
    labels: { labels: [] },
    status: { taskId: { value: 't' }, state: 'TASK_RUNNING', labels: { labels: [{ key: 'l' }] } },
    agent: { ...agent, attributes: [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }] },
    seen: ['lost h', 'gone e', 'fetched c /s', 't e'],
  });
});

test('§6.5 the environment goes through the chain as the executor’s own', async () => {
  const variable = (name: string, value: string) => ({ name, value });
  const { hooks } = hooksOf(
    {
      agentExecutorEnvironmentDecorator: ({ command }) => ({
        variables: [...(command?.environment?.variables ?? []), variable('A', '1')],
      }),
    },
    {
      agentExecutorEnvironmentDecorator: ({ command }) => ({
        variables: [...(command?.environment?.variables ?? []), variable('B', '2')],
      }),
    },
  );
  const command = { environment: { variables: [variable('OWN', '0')] } };
  expect(await hooks.executorEnvironment({ executorId: { value: 'e' }, command })).toEqual({
    variables: [variable('OWN', '0'), variable('A', '1'), variable('B', '2')],
  });
});

test('§6.6 Docker: the same input for all, answers merged in order, any failure fails', async () => {
  const set = (value: string): Hook => ({
    agentPreLaunchDockerTaskExecutorDecorator: async () => ({
      executorEnvironment: { variables: [{ name: 'A', value }] },
    }),
  });
  const { hooks } = hooksOf(set('1'), {}, set('2'));
  expect(await hooks.dockerPrepare({} as never)).toEqual({
    executorEnvironment: {
      variables: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
  });
  const failing = hooksOf(set('1'), {
    agentPreLaunchDockerTaskExecutorDecorator: () => Promise.reject(new Error('no')),
  });
  await expect(failing.hooks.dockerPrepare({} as never)).rejects.toThrow('no');
});

test('§6.12 §4.Hook --hooks names what is installed, in order', async () => {
  const library = { path: '/lib.ts' };
  const modules = {
    loaded: [
      ...['a', 'b', 'bad'].map((name) => ({ name, module: { kind: 'Hook' }, library })),
      { name: 'isolator', module: { kind: 'Isolator' }, library },
    ],
    async create(_kind: 'Hook', name: string): Promise<Hook> {
      if (name === 'bad') throw new Error('sorry');
      return {};
    },
  };
  const texts = async (flag: string | undefined) =>
    installHooks(flag, modules).then(
      (installed) => installed.map(({ name }) => name),
      (error: Error) => error.message,
    );
  expect([
    await texts(undefined),
    await texts('b,a'),
    await texts('nosuch'),
    await texts(',x'),
    await texts('isolator'),
    await texts('a,a'),
    await texts('bad'),
  ]).toEqual([
    [],
    ['b', 'a'],
    "Error installing hooks: No hook module named 'nosuch' available",
    "Error installing hooks: No hook module named '' available",
    "Error installing hooks: No hook module named 'isolator' available: 'isolator' is of kind 'Isolator' (/lib.ts)",
    "Error installing hooks: Hook module 'a' already loaded",
    "Error installing hooks: Failed to instantiate hook module 'bad': sorry",
  ]);
});
