import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Clock, Logger, Random } from '@mesita/sdk/base';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import type { Call, Event } from '@mesita/sdk/types/executor';
import type { Containerizer } from '../../containerizer/containerizer.ts';
import type {
  BuiltinExecutor,
  CreateBuiltinExecutor,
  ExecutorContainers,
} from '../../executor/executor.ts';
import { uuidBytes } from '../../wire/uuid.ts';
import { notesPath } from '../checkpoint/paths.ts';
import type { AgentEffect } from '../core/effects.ts';
import type { RunName } from '../core/events.ts';

type Start = Extract<AgentEffect, { type: 'startBuiltinExecutor' }>;

interface BuiltinExecutorsOptions {
  readonly create: Readonly<Record<'COMMAND' | 'DEFAULT', CreateBuiltinExecutor>>;
  readonly containerizer: Containerizer;
  readonly shutdownGracePeriodMs: number;
  readonly meta: string;
  readonly onCall: (run: RunName, call: Call) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Keeps the agent's own executor objects, one for each of their containers. */
export interface BuiltinExecutors {
  start(effect: Start): void;
  send(run: RunName, event: Event): void;
  /** Resolves when the executor has made all its calls about the end of its container. */
  finish(run: RunName, termination: ContainerTermination | undefined): Promise<void>;
}

interface Hosted {
  /** Undefined while its notes are being read. */
  executor: BuiltinExecutor | undefined;
  readonly ready: Promise<void>;
}

export function createBuiltinExecutors(options: BuiltinExecutorsOptions): BuiltinExecutors {
  const { clock, random, log } = options;
  const hosted = new Map<string, Hosted>();
  const containers = lend(options.containerizer);

  async function make(host: Hosted, effect: Start): Promise<void> {
    const { run, framework, executor, kind, directory, checkpoint } = effect;
    const path = checkpoint && notesPath(options.meta, checkpoint);
    const remembered = path && (await readFile(path, 'utf8').catch(() => undefined));
    const grace = executor.shutdownGracePeriod?.nanoseconds;
    host.executor = options.create[kind]({
      framework,
      executor,
      container: { value: run.container },
      sandbox: directory,
      shutdownGracePeriodMs:
        grace === undefined ? options.shutdownGracePeriodMs : Number(grace) / 1e6,
      containers,
      clock,
      log,
      uuid: () => uuidBytes(random),
      call: (call) => options.onCall(run, call),
      ...(remembered !== undefined && { remembered }),
      ...(path && { remember: (notes: string) => keepNotes(path, notes) }),
    });
  }

  return {
    start(effect) {
      const host = { executor: undefined } as Hosted;
      const ready = make(host, effect).catch((error: unknown) => {
        log.error('cannot make executor', { ...effect.run, error });
      });
      hosted.set(effect.run.container, Object.assign(host, { ready }));
    },
    send(run, event) {
      try {
        hosted.get(run.container)?.executor?.receive(event);
      } catch (error) {
        log.error('executor failed on an event', { ...run, event: event.type, error });
      }
    },
    async finish(run, termination) {
      const host = hosted.get(run.container);
      try {
        await host?.ready;
        await host?.executor?.terminated(termination);
      } catch (error) {
        log.error('executor failed at its end', { ...run, error });
      }
      hosted.delete(run.container);
    },
  };
}

function lend(containerizer: Containerizer): ExecutorContainers {
  return {
    kill: (id, signal) => containerizer.kill(id, signal),
    wait: (id) => containerizer.wait(id),
    destroy: (id) => containerizer.destroy(id),
    remove: (id) => containerizer.remove(id),
    async launchNested(id: ContainerID, config) {
      const result = await containerizer.launch({ id, config, environment: {} });
      if (result === 'LAUNCHED') return;
      throw new Error(
        result === 'NOT_SUPPORTED'
          ? 'The provided ContainerInfo is not supported'
          : `Container ${id.value} was launched already`,
      );
    },
  };
}

/** Notes matter to the next agent only, not after a reboot: no need to wait for the disk. */
async function keepNotes(path: string, notes: string): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, notes);
  await rename(temporary, path);
}
