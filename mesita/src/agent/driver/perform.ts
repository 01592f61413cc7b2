import type { ContainerIdText, Logger } from '@mesita/sdk/base';
import { err, ok, type Result } from '@mesita/sdk/base';
import type { SecretGenerator } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { ContainerID, ContainerStatus } from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import type { Containerizer } from '../../containerizer/containerizer.ts';
import type { Hooks } from '../../hooks/hooks.ts';
import type { Authorization, Subject } from '../../net/authorization.ts';
import type { Files } from '../../net/files.ts';
import type { Messenger } from '../../net/messenger.ts';
import { runPaths } from '../checkpoint/paths.ts';
import type { CheckpointWriter } from '../checkpoint/write.ts';
import type { AgentEffect } from '../core/effects.ts';
import type { AgentEvent, RunName } from '../core/events.ts';
import type { AgentState, Master } from '../core/state.ts';
import type { ExecutorApi } from '../http/executor-api.ts';
import type { Authentication } from './authentication.ts';
import type { BuiltinExecutors } from './builtin-executors.ts';
import type { CallGate } from './calls.ts';
import type { MasterDetector } from './detector.ts';
import { executorSecret } from './executor-secret.ts';
import type { GarbageCollector } from './garbage.ts';
import { decorateEnvironment, hookPerformers } from './hook-effects.ts';
import { sendMessage } from './messages.ts';
import { type Oversubscription, oversubscriptionPerformers } from './oversubscription.ts';
import { createSandbox } from './sandbox.ts';

type PerformedEffect = Exclude<AgentEffect, { type: 'setTimer' | 'cancelTimer' }>;
type EffectOf<Type extends PerformedEffect['type']> = Extract<PerformedEffect, { type: Type }>;
type Performers = {
  readonly [Type in PerformedEffect['type']]: (effect: EffectOf<Type>) => void;
};

/** What effects are performed with. */
export interface Tools {
  readonly processId: string;
  readonly meta: string;
  readonly state: AgentState;
  readonly post: (event: AgentEvent) => void;
  readonly messenger: Messenger;
  readonly detector: MasterDetector;
  readonly authentication: Authentication | undefined;
  readonly containerizer: Containerizer;
  readonly checkpoints: CheckpointWriter;
  readonly builtins: BuiltinExecutors;
  readonly executorApi: ExecutorApi;
  readonly calls: CallGate;
  readonly files: Files;
  readonly authorization: Authorization;
  readonly garbage: GarbageCollector;
  readonly hooks: Hooks | undefined;
  readonly secretGenerator: SecretGenerator | undefined;
  readonly oversubscription: Oversubscription;
  readonly log: Logger;
  /** The agent is done, or cannot go on. Called once. */
  readonly onExit: (status: number, error: string | undefined) => void;
}

/** One way to perform each effect: a new one does not compile until there is. */
export function createPerform(tools: Tools): (effect: PerformedEffect) => void {
  const performers: Performers = {
    ...clusterPerformers(tools),
    ...containerPerformers(tools),
    ...executorPerformers(tools),
    ...diskPerformers(tools),
    ...oversubscriptionPerformers(tools.oversubscription, tools.post),
    ...hookPerformers(tools.hooks, tools.post, tools.log),
    log: ({ level, text, fields }) => tools.log[level](text, fields),
    exit: ({ status, error }) => tools.onExit(status, error),
  };
  return (effect) => (performers[effect.type] as (one: PerformedEffect) => void)(effect);
}

function clusterPerformers(tools: Tools) {
  const { messenger, detector, processId, post, log } = tools;
  let detection = new AbortController();

  async function detect(previous: Master | undefined): Promise<void> {
    detection.abort();
    const current = new AbortController();
    detection = current;
    try {
      const master = await detector.detect(previous, current.signal);
      if (!current.signal.aborted) post({ type: 'MasterDetected', master });
    } catch (error) {
      if (current.signal.aborted) return;
      log.error('failed to detect a master', { error });
      tools.onExit(1, `Failed to detect a master: ${(error as Error).message}`);
    }
  }

  return {
    send: ({ to, message }) => sendMessage(messenger, processId, to, message),
    link: ({ to }) => messenger.link(to),
    authenticate: ({ master }) => tools.authentication?.start(master),
    detectMaster: ({ previous }) => void detect(previous),
  } satisfies Partial<Performers>;
}

function containerPerformers(tools: Tools) {
  const { containerizer, checkpoints, post, log, meta, hooks } = tools;
  const ends = new Map<ContainerIdText, Promise<ContainerTermination | undefined>>();

  async function recover({ known }: EffectOf<'recoverContainers'>): Promise<void> {
    try {
      await containerizer.recover(known);
    } catch (error) {
      tools.onExit(1, `Failed to perform recovery: ${(error as Error).message}`);
      return;
    }
    // One that ended while no agent was there is cleaned up at once, and asked for too late then.
    for (const { containerId } of known) {
      ends.set(containerId.value as ContainerIdText, waitFor(containerId));
    }
    const statuses = new Map<ContainerIdText, ContainerStatus>();
    for (const { containerId } of known) {
      const status = await containerizer.status(containerId).catch(() => undefined);
      if (status) statuses.set(containerId.value as ContainerIdText, status);
    }
    post({ type: 'ContainersRecovered', statuses });
  }

  async function launch(effect: EffectOf<'launchContainer'>): Promise<Result<ContainerStatus>> {
    const { run, config, checkpoint } = effect;
    const { executorInfo } = config;
    const secret = await executorSecret(tools.secretGenerator, run, config);
    const given = { ...effect.environment, ...secret };
    const environment = await decorateEnvironment(hooks, executorInfo, given);
    const id = { value: run.container };
    const pidPath = checkpoint && runPaths(meta, checkpoint).forkedPid;
    const result = await containerizer.launch({ id, config, environment, pidPath });
    if (result === 'ALREADY_LAUNCHED') return err(`Container ${id.value} was launched already`);
    if (result === 'NOT_SUPPORTED') {
      return err(
        'None of the enabled containerizers could create a container for the provided ' +
          'TaskInfo/ExecutorInfo message',
      );
    }
    // It may be over already; then its status is its id alone.
    return ok(await containerizer.status(id).catch(() => ({ containerId: id })));
  }

  async function waitFor(id: ContainerID): Promise<ContainerTermination | undefined> {
    try {
      return await containerizer.wait(id);
    } catch (error) {
      log.error('container did not end cleanly', { container: id.value, error });
      return { message: `Abnormal executor termination: ${(error as Error).message}` };
    }
  }

  async function watch(run: RunName): Promise<void> {
    const { container } = run;
    const termination = await (ends.get(container) ?? waitFor({ value: container }));
    ends.delete(container);
    post({ type: 'ContainerTerminated', run, termination });
  }

  async function forget(id: ContainerID): Promise<void> {
    try {
      await checkpoints.write([]);
      await containerizer.wait(id);
      await containerizer.remove(id);
    } catch (error) {
      log.warn('cannot forget container', { container: id.value, error });
    }
  }

  return {
    recoverContainers: (effect) => void recover(effect),
    launchContainer: (effect) =>
      void launch(effect)
        .catch((error: unknown) => err((error as Error).message))
        .then((result) => post({ type: 'ContainerLaunched', run: effect.run, result })),
    watchContainer: ({ run }) => void watch(run),
    updateContainer: ({ run, resources, limits, tasks }) =>
      void settle(
        containerizer.update({ value: run.container }, Resources.of(resources), limits),
      ).then((result) => post({ type: 'ContainerUpdated', run, tasks, result })),
    forgetContainer: ({ container }) => void forget({ value: container }),
    destroyContainer: ({ container }) => {
      containerizer.destroy({ value: container }).catch((error: unknown) => {
        log.error('cannot destroy container', { container, error });
      });
    },
  } satisfies Partial<Performers>;
}

function executorPerformers({ builtins, executorApi, calls, post }: Tools) {
  async function finish({ run, termination }: EffectOf<'finishBuiltinExecutor'>): Promise<void> {
    await builtins.finish(run, termination);
    await calls.drained({
      frameworkId: { value: run.frameworkId },
      executorId: { value: run.executorId },
    });
    post({ type: 'BuiltinExecutorFinished', run, termination });
  }

  return {
    startBuiltinExecutor: (effect) => builtins.start(effect),
    finishBuiltinExecutor: (effect) => void finish(effect),
    sendExecutor: ({ run, connection, event }) => {
      if (connection.kind === 'http') executorApi.send(connection.stream, event);
      else builtins.send(run, event);
    },
    closeStream: ({ connection }) => {
      if (connection.kind === 'http') executorApi.closeStream(connection.stream);
    },
    respond: ({ request, status, body }) => executorApi.respond(request, status, body),
    openStream: ({ request, run, stream }) => executorApi.openStream(request, run, stream),
  } satisfies Partial<Performers>;
}

function diskPerformers(tools: Tools) {
  const { checkpoints, files, garbage, authorization, post, log } = tools;

  async function checkpoint({ records, then }: EffectOf<'checkpoint'>): Promise<void> {
    try {
      await checkpoints.write(records);
      if (then) post(then);
    } catch (error) {
      // Nothing may be said that is not on the disk: better an end than a lie after the next start.
      log.error('cannot write checkpoints', { error });
      tools.onExit(1, `Failed to write checkpoints: ${(error as Error).message}`);
    }
  }

  return {
    checkpoint: (effect) => void checkpoint(effect),
    createDirectory: ({ run, path, user }) =>
      void settle(createSandbox(path, user)).then((result) =>
        post({ type: 'DirectoryCreated', run, result }),
      ),
    attachFiles: ({ path, virtual, frameworkInfo, executorInfo }) => {
      const owner = { frameworkInfo, executorInfo };
      const approve = (who: Subject) => authorization.authorized(who, 'ACCESS_SANDBOX', owner);
      files.attach(virtual, path, approve).catch((error: unknown) => {
        log.error('cannot attach files', { path, virtual, error });
      });
    },
    scheduleGc: ({ target, fresh, delayMs }) => garbage.schedule({ target, fresh, delayMs }),
  } satisfies Partial<Performers>;
}

async function settle(work: Promise<void>): Promise<Result<void>> {
  try {
    await work;
    return ok(undefined);
  } catch (error) {
    return err((error as Error).message);
  }
}
