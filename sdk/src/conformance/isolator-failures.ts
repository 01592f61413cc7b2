import type { IsolatorContext } from '../module/index.ts';
import { configOf, type IsolatorScene, prepare } from './isolator-life.ts';
import type { ContainerConfig } from './messages.ts';
import { container } from './samples.ts';
import type { Case } from './suite.ts';

const no = () => Promise.reject(new Error('it cannot be done now'));

/** Of the daemon, from now on; gives how it is undone. */
function breakDown(scene: IsolatorScene, what: 'checkpoints' | 'secrets'): () => void {
  const { containers, secrets } = scene.world.context;
  const { set } = containers as IsolatorContext['containers'];
  const { resolve } = secrets as IsolatorContext['secrets'];
  if (what === 'checkpoints') Object.assign(containers, { set: no });
  else Object.assign(secrets, { resolve: no });
  return () => {
    Object.assign(containers, { set });
    Object.assign(secrets, { resolve });
  };
}

/** The container whose launch may fail leaves nothing behind, and the next one is prepared. */
async function fail(
  scene: IsolatorScene,
  what: 'checkpoints' | 'secrets',
  more: Partial<ContainerConfig>,
): Promise<void> {
  const isolator = await scene.create();
  const id = container('c1');
  const repair = breakDown(scene, what);
  scene.when('a container is prepared');
  await scene.end('prepare', () => isolator.prepare?.(id, configOf(scene, more)));
  repair();
  scene.when('it is cleaned up');
  await scene.answer('cleanup', () => isolator.cleanup?.(id));
  scene.given('a daemon that is well again');
  const next = container('c2');
  await prepare(scene, isolator, next);
  await scene.answer('cleanup', () => isolator.cleanup?.(next));
}

const secret = { type: 'REFERENCE', reference: { name: 'any' } } as const;
const variables = [{ name: 'SECRET', type: 'SECRET', secret }] as const;

export const failureCases: readonly Case<'Isolator'>[] = [
  {
    name: 'a checkpoint that cannot be written costs its own launch only',
    async run(scene) {
      scene.given('an agent whose disk is full');
      await fail(scene, 'checkpoints', {});
    },
  },
  {
    name: 'a secret that cannot be resolved costs its own launch only',
    async run(scene) {
      scene.given('an agent that cannot resolve secrets');
      const commandInfo = { value: 'true', environment: { variables } };
      await fail(scene, 'secrets', { commandInfo });
    },
  },
];
