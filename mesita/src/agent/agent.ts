import type { Clock, Logger, Pid, Random } from '@mesita/sdk/base';
import type { SecretGenerator } from '@mesita/sdk/module';
import { createDriver, type StepMeasure } from '../actor/driver.ts';
import type { Containerizer } from '../containerizer/containerizer.ts';
import { unwrapped, type Wrap } from '../containerizer/wrap.ts';
import type { CreateBuiltinExecutor } from '../executor/executor.ts';
import type { Hooks } from '../hooks/hooks.ts';
import type { Authorization } from '../net/authorization.ts';
import type { Files } from '../net/files.ts';
import { createMessenger } from '../net/messenger.ts';
import type { Metrics } from '../net/metrics.ts';
import { formatPid, parsePid } from '../wire/libprocess.ts';
import type { ReconfigurationPolicy } from './checkpoint/compatibility.ts';
import { metaPath } from './checkpoint/paths.ts';
import { createCheckpointWriter } from './checkpoint/write.ts';
import type { AgentConfig } from './core/config.ts';
import { createAgentCore } from './core/core.ts';
import type { AgentEffect } from './core/effects.ts';
import type { AgentEvent } from './core/events.ts';
import type { AgentState } from './core/state.ts';
import { type AuthenticationOptions, createAuthentication } from './driver/authentication.ts';
import { createBuiltinExecutors } from './driver/builtin-executors.ts';
import { createCallGate } from './driver/calls.ts';
import type { MasterDetector } from './driver/detector.ts';
import {
  type CollectionPolicy,
  createGarbageCollector,
  type GarbageCollector,
} from './driver/garbage.ts';
import { readMessage } from './driver/messages.ts';
import { declareAgentMetrics } from './driver/metrics.ts';
import {
  createUsage,
  initializeOversubscription,
  noOversubscription,
  type Oversubscription,
} from './driver/oversubscription.ts';
import { createPerform, type Tools } from './driver/perform.ts';
import { keepBootId, readRecovered, readResources } from './driver/recovery.ts';
import { createRunTaskHooks } from './driver/run-task-hooks.ts';
import { lockWorkDir, type WorkDirLock } from './driver/work-dir.ts';
import { createExecutorApi } from './http/executor-api.ts';
import type { AgentEndpoints } from './http/process.ts';

export interface AgentOptions {
  /** But for the address, which the server gave, and chance, which has its own place. */
  readonly config: Omit<AgentConfig, 'pid' | 'ip' | 'random'>;
  readonly strict: boolean;
  readonly reconfigurationPolicy: ReconfigurationPolicy;
  /** Where the server of this agent listens. */
  readonly address: { readonly ip: string; readonly port: number };
  /** `slave(1)`; several agents of one process count on. */
  readonly processId?: string;
  readonly detector: MasterDetector;
  readonly containerizer: Containerizer;
  readonly executors: Readonly<Record<'COMMAND' | 'DEFAULT', CreateBuiltinExecutor>>;
  readonly files: Files;
  readonly authorization: Authorization;
  /** Absent: this agent registers without proof of who it is. */
  readonly authentication?: Pick<AuthenticationOptions, 'plan' | 'processes'> | undefined;
  /** Absent: executors get no token. */
  readonly secretGenerator?: SecretGenerator | undefined;
  /** Absent: nobody hooks into anything. */
  readonly hooks?: Hooks | undefined;
  /** Absent: nothing is lent. */
  readonly oversubscription?: Oversubscription | undefined;
  readonly metrics: Metrics;
  readonly collection: CollectionPolicy;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /**
   * Called once, when the agent has ended (it left, or was told to) or cannot go on; `error` is
   * what to tell the operator. The process should `stop()` it and exit.
   */
  readonly onExit: (status: number, error: string | undefined) => void;
  readonly measure?: (step: StepMeasure<AgentEvent>) => void;
  /** Around the parts that decide and act; nothing when absent. */
  readonly wrap?: Wrap | undefined;
}

export interface Agent {
  /** Only to be read. */
  readonly state: AgentState;
  readonly pid: Pid;
  post(event: AgentEvent): void;
  /** What the process `slave(1)` takes beside its reads. */
  readonly endpoints: AgentEndpoints;
  /**
   * Takes the work directory and begins to recover, then to register. Rejects with the text to
   * tell the operator. Once, when the process can be reached.
   */
  start(): Promise<void>;
  /** Lets go of everything; executors and containers go on for the next agent. */
  stop(): Promise<void>;
}

export function createAgent(options: AgentOptions): Agent {
  const { address, clock, random, log } = options;
  const { processId = 'slave(1)' } = options;
  const { workDir } = options.config;
  const pid = formatPid(processId, address.ip, address.port);
  const hookedAt = options.hooks?.moments;
  const config: AgentConfig = { ...options.config, pid, ip: address.ip, random, hookedAt };
  const { wrap = unwrapped } = options;
  const core = wrap('core', createAgentCore(config));
  const { state } = core;
  let lock: WorkDirLock | undefined;
  let isOver = false;
  const createdAt = clock.now();
  let recoveredAt: number | undefined;

  function exit(status: number, error: string | undefined): void {
    if (isOver) return;
    isOver = true;
    options.onExit(status, error);
  }

  const post = (event: AgentEvent): void => driver.post(event);
  const passMessage = createRunTaskHooks({ hooks: options.hooks, config, state, log, post });
  const tools = createTools(options, { processId, state, post, exit });
  const driver = createDriver<AgentEvent, AgentEffect>({
    core,
    ...wrap('driver', { perform: createPerform(tools) }),
    clock,
    log,
    measure(step) {
      if (recoveredAt === undefined && state.life !== 'RECOVERING') recoveredAt = clock.now();
      options.measure?.(step);
    },
    onCrash(error, event) {
      log.error('agent core failed', { event: event.type, error });
      exit(1, `Internal error while handling ${event.type}: ${(error as Error).message}`);
    },
  });

  declareAgentMetrics({
    metrics: options.metrics,
    state,
    workDir,
    collection: options.collection,
    garbage: tools.garbage,
    clock,
    recoveryMs: () => (recoveredAt === undefined ? undefined : recoveredAt - createdAt),
  });

  return {
    state,
    pid,
    post,
    endpoints: {
      executorApi: tools.executorApi.handler,
      receive(message) {
        const event = readMessage(message, log);
        if (event) passMessage(event);
      },
    },
    async start() {
      const { strict, reconfigurationPolicy } = options;
      const { info } = options.config;
      const usage = createUsage(state, options.containerizer, log);
      await initializeOversubscription(tools.oversubscription, usage);
      lock = await lockWorkDir(workDir);
      const facts = { workDir, info, strict, reconfigurationPolicy, log };
      const resources = await readResources(workDir, info);
      const recovered = await readRecovered(facts);
      await keepBootId(workDir);
      post({ type: 'CheckpointsRead', recovered, resources });
    },
    async stop() {
      isOver = true;
      driver.stop();
      tools.authentication?.start(undefined);
      tools.garbage.stop();
      tools.messenger.close();
      await tools.checkpoints.close();
      await lock?.release();
    },
  };
}

interface Wiring {
  readonly processId: string;
  readonly state: AgentState;
  readonly post: (event: AgentEvent) => void;
  readonly exit: (status: number, error: string | undefined) => void;
}

function createTools(options: AgentOptions, { processId, state, post, exit }: Wiring): Tools {
  const { address, containerizer, detector, files, clock, random, log } = options;
  const { authorization, wrap = unwrapped } = options;
  const { workDir, executorShutdownGraceMs } = options.config;
  const meta = metaPath(workDir);
  const calls = createCallGate(containerizer, post);
  const messenger = createMessenger({
    self: address,
    log,
    onExited(peer) {
      const master = state.master?.pid;
      if (master === undefined || parsePid(master)?.address !== peer) return;
      post({ type: 'MasterExited', pid: master });
    },
  });
  const garbage = createGarbage(options);
  if (options.collection.innerSandboxes) containerizer.onSandboxLeft(garbage.scheduleInside);
  return {
    processId,
    meta,
    state,
    post,
    detector,
    containerizer,
    calls,
    files,
    authorization,
    hooks: options.hooks,
    secretGenerator: options.secretGenerator,
    oversubscription: options.oversubscription ?? noOversubscription,
    log,
    onExit: exit,
    messenger,
    authentication:
      options.authentication &&
      createAuthentication({
        ...options.authentication,
        self: formatPid(processId, address.ip, address.port),
        messenger,
        clock,
        random,
        log,
        onAuthenticated: (master) => post({ type: 'Authenticated', master }),
        onRefused: (reason) => exit(1, reason),
      }),
    executorApi: createExecutorApi({ state, calls, post, random }),
    checkpoints: wrap('records', createCheckpointWriter({ workDir, clock, log })),
    garbage,
    builtins: createBuiltinExecutors({
      create: options.executors,
      containerizer,
      shutdownGracePeriodMs: executorShutdownGraceMs,
      meta,
      onCall: ({ container }, call) => calls.pass({ kind: 'builtin', container }, call),
      clock,
      random,
      log,
    }),
  };
}

function createGarbage({ config, collection, files, clock, log }: AgentOptions): GarbageCollector {
  return createGarbageCollector({
    workDir: config.workDir,
    policy: collection,
    clock,
    log,
    onRemoved(path) {
      for (const [virtual, real] of files.attached) if (real === path) files.detach(virtual);
    },
  });
}
