import type { ContainerStream } from '../module/index.ts';
import { suite } from './common.ts';
import { freeze } from './freeze.ts';
import type { ContainerConfig, ContainerID } from './messages.ts';
import { container, executor, task } from './samples.ts';
import type { Scene } from './scene.ts';

async function prepare(
  scene: Scene<'ContainerLogger'>,
  id: ContainerID,
  more: Partial<ContainerConfig>,
): Promise<void> {
  const logger = await scene.create();
  await scene.answer('initialize', () => logger.initialize?.());
  const { directory } = scene;
  const config = freeze({ directory, commandInfo: { value: 'true' }, ...more });
  scene.when('its output is asked for');
  const io = await scene.answer('prepare', () => logger.prepare(freeze(id), config));
  for (const name of ['stdout', 'stderr'] as const) expectStream(scene, name, io[name]);
}

function expectStream(scene: Scene<'ContainerLogger'>, name: string, stream: ContainerStream) {
  if (stream.type === 'path') {
    scene.expect(`an absolute path for ${name}`, stream.path?.startsWith('/') === true, stream);
  } else {
    const isProgram = stream.type === 'command' && (stream.argv?.length ?? 0) > 0;
    scene.expect(`a path or a program for ${name}`, isProgram, stream);
  }
}

export const containerLoggerSuite = suite(
  'ContainerLogger',
  ['prepare'],
  [
    {
      name: 'output of a task goes somewhere',
      async run(scene) {
        scene.given('the container of a task');
        await prepare(scene, container('c1'), { taskInfo: task, executorInfo: executor });
      },
    },
    {
      name: 'output of nested and of standalone containers goes somewhere',
      async run(scene) {
        scene.given('a nested container');
        await prepare(scene, container('child', container('root')), {});
        scene.given('a standalone container');
        await prepare(scene, container('standalone'), { user: 'nobody' });
      },
    },
    {
      name: 'the same container is prepared again after a restart',
      async run(scene) {
        scene.given('an agent that was restarted');
        await prepare(scene, container('c1'), { taskInfo: task, executorInfo: executor });
        await prepare(scene, container('c1'), { taskInfo: task, executorInfo: executor });
      },
    },
  ],
);
