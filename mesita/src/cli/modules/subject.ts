import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subject } from '@mesita/sdk/conformance';
import { parseParameters } from '@mesita/sdk/module';
import { systemClock } from '../../actor/clock.ts';
import { createInHome, type Housed } from '../../modules/homes/home.ts';
import { Problem } from '../problem.ts';
import type { OpenedModule } from './open.ts';

/** A module as its suite wants it, and what has to end afterwards. */
export interface Stage {
  readonly subject: Subject;
  end(): Promise<void>;
}

/** Made directly in the home `daemon`, so that nothing hides what it does; guarded in the others. */
export async function createStage(opened: OpenedModule): Promise<Stage> {
  const { module, kind, home, parameters } = opened;
  const read = parseParameters(module.parameters, parameters);
  if (!read.ok) throw new Problem(`${module.name}: ${read.error}`, 'Give --param <key>=<value>.');
  const directory = await mkdtemp(join(tmpdir(), 'mesita-modules-'));
  const idle: ChildProcess = spawn('sleep', ['3600'], { stdio: 'ignore' });
  const housed: Housed[] = [];
  const create = async (context: object) => {
    if (home === 'daemon') return module.create(context as never, read.value as never);
    const one = await createInHome(specOf(opened), { ...context, clock: systemClock } as never);
    housed.push(one);
    return one.instance;
  };
  const samples = kind === 'Isolator' && idle.pid !== undefined ? { pid: idle.pid } : {};
  return {
    subject: { kind, directory, samples, create: create as Subject['create'] },
    async end() {
      await Promise.all(housed.map((one) => one.stop()));
      idle.kill('SIGKILL');
      if (idle.exitCode === null && idle.signalCode === null) await once(idle, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function specOf({ kind, module, library, home, parameters }: OpenedModule) {
  return { kind, module, library, home, parameters, name: module.name, limits: {} };
}
