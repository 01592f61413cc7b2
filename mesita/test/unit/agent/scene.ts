// A world for one agent core: a disk, containers, a master and executors that do as they are told.
import type {
  ContainerIdText,
  ExecutorId,
  FrameworkId,
  Pid,
  Random,
  Result,
  StreamId,
  TaskId,
} from '@mesita/sdk/base';
import type {
  ContainerStatus,
  FrameworkInfo,
  Resource,
  TaskInfo,
  TaskState,
} from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { AgentConfig } from '../../../src/agent/core/config.ts';
import { createAgentCore } from '../../../src/agent/core/core.ts';
import type {
  AgentEffect,
  CheckpointRecord,
  OutgoingMessage,
} from '../../../src/agent/core/effects.ts';
import type { AgentEvent, EventOf, MessageEvent } from '../../../src/agent/core/events.ts';
import type {
  RecoveredAgent,
  RecoveredExecutor,
  RecoveredTask,
} from '../../../src/agent/core/recovered.ts';
import type { AgentState, Executor } from '../../../src/agent/core/state.ts';
import { uuidText } from '../../../src/wire/uuid.ts';

export const masterPid = 'master@10.0.0.1:5050' as Pid;
export const agentId = { value: 'M-S0' };

function seededRandom(seed = 1): Random {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  return {
    next,
    uuid() {
      const hex = Array.from({ length: 32 }, () => Math.floor(next() * 16).toString(16)).join('');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}

export function createConfig(changes: Partial<AgentConfig> = {}): AgentConfig {
  return {
    info: { hostname: 'here', port: 5051, resources: [scalar('cpus', 4), scalar('mem', 1024)] },
    pid: 'slave(1)@10.0.0.2:5051' as Pid,
    ip: '10.0.0.2',
    version: '1.12.0',
    random: seededRandom(),
    workDir: '/work',
    launcherDir: '/usr/libexec/mesos',
    sandboxDirectory: '/mnt/mesos/sandbox',
    switchUser: false,
    recover: 'reconnect',
    registrationBackoffMs: 1000,
    executorRegistrationTimeoutMs: 60_000,
    executorReregistrationTimeoutMs: 2000,
    executorShutdownGraceMs: 5000,
    recoveryTimeoutMs: 900_000,
    gcDelayMs: 604_800_000,
    maxCompletedExecutors: 150,
    httpCommandExecutor: false,
    executorEnvironment: {},
    defaultContainerInfo: undefined,
    ...changes,
  };
}

function scalar(name: string, value: number): Resource {
  return { name, type: 'SCALAR', scalar: { value }, allocationInfo: { role: '*' } };
}

interface World {
  /** The checkpoints, in the order they became durable; shared by an agent and the next. */
  disk: CheckpointRecord[];
  /** Answer of the containerizer to every launch. */
  launchResult?: Result<ContainerStatus>;
  /** Launches take for ever. */
  holdsLaunches?: boolean;
  directoryResult?: Result<void>;
  /** Containers that a restarted agent finds alive. */
  readonly alive: Set<string>;
}

export interface Scene {
  readonly state: AgentState;
  readonly world: World;
  /** Everything notable since the last call, a line each. */
  lines(): string[];
  /** An event, and all that follows of it at once. */
  post(event: AgentEvent): void;
  /** Lets time pass; timers that are due fire, in order. */
  wait(ms: number): void;
  fromMaster<Type extends MessageEvent['type']>(
    type: Type,
    message: EventOf<Type & MessageEvent['type']>['message'],
  ): void;
  readonly sent: OutgoingMessage[];
  readonly toExecutor: api.Event[];
  /** Effects that the scene does not perform by itself. */
  readonly performed: AgentEffect[];
  register(): void;
  run(
    task: TaskInfo,
    options?: { checkpoint?: boolean; partitionAware?: boolean; launchExecutor?: boolean },
  ): void;
  executor(task?: string): Executor;
  call(call: Omit<api.Call, 'executorId' | 'frameworkId'>, executor: Executor): void;
  update(task: string, state: TaskState, executor?: Executor): void;
  acknowledge(index?: number): void;
}

export function framework(checkpoint = false, partitionAware = false): FrameworkInfo {
  return {
    id: { value: 'F' },
    user: 'root',
    name: 'fw',
    checkpoint,
    ...(partitionAware && { capabilities: [{ type: 'PARTITION_AWARE' as const }] }),
  };
}

export function commandTask(id: string, command = 'sleep 1'): TaskInfo {
  return {
    name: id,
    taskId: { value: id },
    agentId,
    resources: [scalar('cpus', 1), scalar('mem', 64)],
    command: { value: command },
  };
}

export function customTask(id: string, executor: string): TaskInfo {
  const { command: _, ...task } = commandTask(id);
  return {
    ...task,
    executor: {
      type: 'CUSTOM',
      executorId: { value: executor },
      command: { value: './executor' },
      resources: [scalar('cpus', 0.1), scalar('mem', 32)],
    },
  };
}

export function createScene(
  changes: Partial<AgentConfig> = {},
  world: World = { disk: [], alive: new Set() },
): Scene {
  // Another agent on the same disk must not draw the ids of the one before.
  const random = seededRandom(1 + world.disk.length);
  const config = createConfig({ random, ...changes });
  const core = createAgentCore(config);
  const { state } = core;
  let now = 1_000_000;
  let notes: string[] = [];
  let request = 0;
  const mailbox: AgentEvent[] = [];
  const timers = new Map<string, { at: number; then: AgentEvent }>();
  const sent: OutgoingMessage[] = [];
  const toExecutor: api.Event[] = [];
  const performed: AgentEffect[] = [];

  const performers: {
    [Type in AgentEffect['type']]?: (effect: Extract<AgentEffect, { type: Type }>) => void;
  } = {
    setTimer: ({ id, delayMs, then }) => void timers.set(id, { at: now + delayMs, then }),
    cancelTimer: ({ id }) => void timers.delete(id),
    detectMaster({ previous }) {
      if (!previous)
        mailbox.push({ type: 'MasterDetected', master: { pid: masterPid, hostname: undefined } });
    },
    send({ message }) {
      sent.push(message);
      notes.push(`master <- ${describeMessage(message)}`);
    },
    checkpoint({ records, then }) {
      world.disk.push(...records);
      if (then) mailbox.push(then);
    },
    createDirectory: ({ run }) =>
      void mailbox.push({
        type: 'DirectoryCreated',
        run,
        result: world.directoryResult ?? { ok: true, value: undefined },
      }),
    recoverContainers: ({ known }) =>
      void mailbox.push({
        type: 'ContainersRecovered',
        statuses: new Map(
          known
            .filter(({ containerId }) => world.alive.has(containerId.value))
            .map(({ containerId }) => [
              containerId.value as ContainerIdText,
              { containerId, executorPid: 7 },
            ]),
        ),
      }),
    launchContainer({ run }) {
      notes.push(`launch ${run.executorId}`);
      if (world.holdsLaunches) return;
      const result = world.launchResult ?? {
        ok: true,
        value: { containerId: { value: run.container }, executorPid: 7 },
      };
      if (result.ok) world.alive.add(run.container);
      mailbox.push({ type: 'ContainerLaunched', run, result });
    },
    watchContainer({ run }) {
      if (world.alive.has(run.container)) return;
      mailbox.push({ type: 'ContainerTerminated', run, termination: undefined });
    },
    destroyContainer({ container }) {
      notes.push('destroy container');
      if (!world.alive.delete(container)) return;
      for (const { executors } of state.frameworks.values()) {
        for (const executor of executors.values()) {
          if (executor.container === container) end(executor, 9);
        }
      }
    },
    updateContainer: ({ run, tasks }) =>
      void mailbox.push({
        type: 'ContainerUpdated',
        run,
        tasks,
        result: { ok: true, value: undefined },
      }),
    startBuiltinExecutor({ run }) {
      const executor = executorNamed(run.executorId);
      callAs(executor, { type: 'SUBSCRIBE', subscribe: {} });
    },
    finishBuiltinExecutor: ({ run, termination }) =>
      void mailbox.push({ type: 'BuiltinExecutorFinished', run, termination }),
    sendExecutor({ run, event }) {
      toExecutor.push(event);
      notes.push(`${run.executorId} <- ${describeEvent(event)}`);
    },
    respond: ({ status, body }) =>
      void (status !== 202 && notes.push(`answer ${status} ${body ?? ''}`)),
    exit: ({ status, error }) => void notes.push(`exit ${status} ${error ?? ''}`.trim()),
  };

  function end(executor: Executor, status: number): void {
    const run = {
      frameworkId: executor.frameworkId,
      executorId: executor.id,
      container: executor.container,
    };
    mailbox.push({ type: 'ContainerTerminated', run, termination: { status } });
  }

  function drain(): void {
    for (let event = mailbox.shift(); event; event = mailbox.shift()) {
      for (const effect of core.step(now, event)) {
        const perform = performers[effect.type] as ((one: AgentEffect) => void) | undefined;
        if (perform) perform(effect);
        else performed.push(effect);
      }
    }
  }

  function executorNamed(id: string): Executor {
    for (const { executors } of state.frameworks.values()) {
      const found = executors.get(id as ExecutorId);
      if (found) return found;
    }
    throw new Error(`no executor ${id}`);
  }

  function callAs(executor: Executor, call: Omit<api.Call, 'executorId' | 'frameworkId'>): void {
    const full = {
      ...call,
      executorId: { value: executor.id },
      frameworkId: { value: executor.frameworkId },
    };
    const origin =
      executor.kind === 'CUSTOM'
        ? ({
            kind: 'http',
            request: ++request,
            stream: `stream-${request}` as StreamId,
            claims: undefined,
          } as const)
        : ({ kind: 'builtin', container: executor.container } as const);
    mailbox.push({ type: 'ExecutorCall', origin, call: full });
  }

  const scene: Scene = {
    state,
    world,
    sent,
    toExecutor,
    performed,
    lines() {
      const lines = notes;
      notes = [];
      return lines;
    },
    post(event) {
      mailbox.push(event);
      drain();
    },
    wait(ms) {
      const until = now + ms;
      for (;;) {
        const due = [...timers]
          .filter(([, { at }]) => at <= until)
          .sort((a, b) => a[1].at - b[1].at)[0];
        if (!due) break;
        const [id, { at, then }] = due;
        timers.delete(id);
        now = at;
        scene.post(then);
      }
      now = until;
    },
    fromMaster: (type, message) =>
      scene.post({ type, from: masterPid, message } as unknown as AgentEvent),
    register() {
      const resources = world.disk.findLast((record) => record.kind === 'resources');
      scene.post({ type: 'CheckpointsRead', recovered: readBack(world.disk), resources });
      scene.wait(state.life === 'RECOVERING' ? 4000 : 2000);
      const answer = { agentId, connection: { totalPingTimeoutSeconds: 75 } };
      const isKnown = sent.at(-1)?.name === 'ReregisterSlaveMessage';
      scene.fromMaster(isKnown ? 'SlaveReregisteredMessage' : 'SlaveRegisteredMessage', answer);
    },
    run: (task, { checkpoint = false, partitionAware = false, launchExecutor = true } = {}) =>
      scene.fromMaster('RunTaskMessage', {
        framework: framework(checkpoint, partitionAware),
        pid: '@0.0.0.0:0',
        task,
        launchExecutor,
      }),
    executor: (id = 't') => executorNamed(id),
    call(call, executor) {
      callAs(executor, call);
      drain();
    },
    update(task, to, executor = executorNamed(task)) {
      const uuid = Uint8Array.from(
        seededRandom(hash(`${task}${to}`))
          .uuid()
          .replaceAll('-', '')
          .match(/../g) ?? [],
        (byte) => Number.parseInt(byte, 16),
      );
      const status = {
        taskId: { value: task },
        state: to,
        source: 'SOURCE_EXECUTOR',
        executorId: { value: executor.id },
        uuid,
      } as const;
      scene.call({ type: 'UPDATE', update: { status } }, executor);
    },
    acknowledge(index = -1) {
      const update = sent
        .flatMap((message) => (message.name === 'StatusUpdateMessage' ? [message.body.update] : []))
        .at(index);
      if (!update?.uuid) throw new Error('nothing to acknowledge');
      scene.fromMaster('StatusUpdateAcknowledgementMessage', {
        agentId,
        frameworkId: update.frameworkId,
        taskId: update.status.taskId,
        uuid: update.uuid,
      });
    },
  };
  return scene;
}

function hash(text: string): number {
  let value = 7;
  for (const letter of text) value = (value * 31 + letter.charCodeAt(0)) % 1_000_003;
  return value;
}

function describeMessage(message: OutgoingMessage): string {
  const name = message.name.replace(/Message$/, '');
  if (message.name === 'StatusUpdateMessage') {
    const { status, latestState } = message.body.update;
    const { source, reason, state, message: text } = status;
    const latest = latestState && latestState !== state ? `latest ${latestState}` : '';
    const words = [name, status.taskId.value, state, latest, source, reason, text && `"${text}"`];
    return words.filter(Boolean).join(' ');
  }
  if (message.name === 'ExitedExecutorMessage') {
    return `${name} ${message.body.executorId.value} ${message.body.status}`;
  }
  if (message.name === 'ReregisterSlaveMessage') {
    const tasks = (message.body.tasks ?? []).map(({ taskId, state }) => `${taskId.value} ${state}`);
    return `${name} [${tasks.join(', ')}]`;
  }
  return name;
}

function describeEvent({ type, launch, launchGroup, kill, acknowledged }: api.Event): string {
  const tasks = launchGroup?.taskGroup.tasks?.map(({ taskId }) => taskId.value).join(' ');
  const id = launch?.task.taskId.value ?? kill?.taskId.value ?? acknowledged?.taskId.value ?? tasks;
  return id === undefined ? `${type}` : `${type} ${id}`;
}

/** What the next agent reads of a disk that holds these records. */
export function readBack(disk: readonly CheckpointRecord[]): RecoveredAgent | undefined {
  const of = <Kind extends CheckpointRecord['kind']>(kind: Kind) =>
    disk.filter((record) => record.kind === kind) as Extract<CheckpointRecord, { kind: Kind }>[];
  const info = of('agent').at(-1)?.info;
  if (!info) return undefined;
  const frameworks = new Map(
    of('framework').map((record) => [record.info.id?.value ?? '', record]),
  );
  return {
    info,
    drain: of('agent').at(-1)?.drain,
    errors: [],
    frameworks: [...frameworks].map(([id, record]) => ({
      id: id as FrameworkId,
      info: record.info,
      pid: record.pid,
      executors: readExecutors(of, id),
    })),
  };
}

type Of = <Kind extends CheckpointRecord['kind']>(
  kind: Kind,
) => Extract<CheckpointRecord, { kind: Kind }>[];

function readExecutors(of: Of, frameworkId: string): RecoveredExecutor[] {
  const all = of('executor').filter(({ run }) => run.frameworkId === frameworkId);
  const newest = new Map(all.map((record) => [record.run.executorId, record]));
  return [...newest.values()].map(({ run, info, generated }) => {
    const isOfRun = (record: { run: { container: string } }) =>
      record.run.container === run.container;
    return {
      id: run.executorId,
      info,
      generated,
      olderRuns: [],
      run: {
        container: run.container,
        completed: of('completed').some(isOfRun),
        forkedPid: 7,
        http: of('subscribed').some(isOfRun),
        tasks: of('task')
          .filter(isOfRun)
          .map((task) => readTask(of, task)),
      },
    };
  });
}

function readTask(
  of: Of,
  { run, task, launch }: Extract<CheckpointRecord, { kind: 'task' }>,
): RecoveredTask {
  const records = of('update').filter(
    (record) => record.run.container === run.container && record.taskId === task.taskId.value,
  );
  return {
    id: task.taskId.value as TaskId,
    task,
    launch,
    updates: records.flatMap(({ record }) => (record.update ? [record.update] : [])),
    acknowledged: records.flatMap(({ record }) => (record.uuid ? [uuidText(record.uuid)] : [])),
  };
}
