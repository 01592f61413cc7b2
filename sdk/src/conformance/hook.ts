import type { Hook } from '../module/index.ts';
import { Resources } from '../resources/index.ts';
import { suite } from './common.ts';
import { freeze } from './freeze.ts';
import { agent, container, executor, framework, status, task } from './samples.ts';
import type { Scene } from './scene.ts';

const total = Resources.of(agent.resources ?? []);

/** Each method with good input, as Mesos calls it. */
function questions(hook: Hook, directory: string): ReadonlyMap<keyof Hook, () => unknown> {
  const docker = {
    task,
    executor,
    containerName: 'mesos-container-1',
    workDirectory: directory,
    sandboxDirectory: '/mnt/mesos/sandbox',
    environment: { PATH: '/bin' },
  };
  const all: readonly [keyof Hook, () => unknown][] = [
    [
      'masterLaunchTaskResourceDecorator',
      () => hook.masterLaunchTaskResourceDecorator?.(task, total),
    ],
    [
      'masterLaunchTaskLabelDecorator',
      () => hook.masterLaunchTaskLabelDecorator?.(task, framework, agent),
    ],
    ['masterAgentLost', () => hook.masterAgentLost?.(agent)],
    [
      'agentRunTaskLabelDecorator',
      () => hook.agentRunTaskLabelDecorator?.(task, executor, framework, agent),
    ],
    ['agentExecutorEnvironmentDecorator', () => hook.agentExecutorEnvironmentDecorator?.(executor)],
    [
      'agentPreLaunchDockerTaskExecutorDecorator',
      () => hook.agentPreLaunchDockerTaskExecutorDecorator?.(freeze(docker)),
    ],
    ['agentPostFetch', () => hook.agentPostFetch?.(container('c1'), directory)],
    ['agentTaskStatusDecorator', () => hook.agentTaskStatusDecorator?.({ value: 'f' }, status)],
    ['agentRemoveExecutor', () => hook.agentRemoveExecutor?.(framework, executor)],
    ['agentResourcesDecorator', () => hook.agentResourcesDecorator?.(agent)],
    ['agentAttributesDecorator', () => hook.agentAttributesDecorator?.(agent)],
  ];
  return new Map(all.filter(([name]) => hook[name] !== undefined));
}

freeze([agent, executor, framework, status, task]);

async function askAll(scene: Scene<'Hook'>, hook: Hook): Promise<void> {
  for (const [name, ask] of questions(hook, scene.directory)) {
    scene.when(`${name} is called with frozen messages`);
    await scene.answer(name, ask);
  }
}

export const hookSuite = suite(
  'Hook',
  [],
  [
    {
      name: 'every moment is answered, and nothing that was given is changed',
      async run(scene) {
        await askAll(scene, await scene.create());
      },
    },
    {
      name: 'the same moments may come again, and at once',
      async run(scene) {
        const hook = await scene.create();
        scene.given('a hook that was asked before');
        await askAll(scene, hook);
        for (const [name, ask] of questions(hook, scene.directory)) {
          scene.when(`${name} is called ten times at once`);
          const ten = Array.from({ length: 10 }, () => scene.answer(name, ask));
          await Promise.all(ten);
        }
      },
    },
    {
      name: 'messages with nothing but their required fields are enough',
      async run(scene) {
        const hook = await scene.create();
        const bare = {
          task: freeze({ name: '', taskId: { value: 't' }, agentId: { value: 'a' } }),
          executor: freeze({ executorId: { value: 'e' } }),
          framework: freeze({ user: '', name: '' }),
          agent: freeze({ hostname: 'h' }),
          status: freeze({ taskId: { value: 't' }, state: 'TASK_LOST' as const }),
        };
        scene.when('messages have only their required fields');
        const asked: readonly [keyof Hook, () => unknown][] = [
          [
            'masterLaunchTaskResourceDecorator',
            () => hook.masterLaunchTaskResourceDecorator?.(bare.task, Resources.empty),
          ],
          [
            'masterLaunchTaskLabelDecorator',
            () => hook.masterLaunchTaskLabelDecorator?.(bare.task, bare.framework, bare.agent),
          ],
          [
            'agentRunTaskLabelDecorator',
            () =>
              hook.agentRunTaskLabelDecorator?.(
                bare.task,
                bare.executor,
                bare.framework,
                bare.agent,
              ),
          ],
          [
            'agentExecutorEnvironmentDecorator',
            () => hook.agentExecutorEnvironmentDecorator?.(bare.executor),
          ],
          [
            'agentTaskStatusDecorator',
            () => hook.agentTaskStatusDecorator?.({ value: 'f' }, bare.status),
          ],
          ['agentResourcesDecorator', () => hook.agentResourcesDecorator?.(bare.agent)],
          ['agentAttributesDecorator', () => hook.agentAttributesDecorator?.(bare.agent)],
        ];
        for (const [name, ask] of asked) await scene.answer(name, ask);
      },
    },
  ],
);
