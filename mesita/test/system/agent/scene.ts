// A real agent with real containers, and a master that only does what the test says.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, type Pid, unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo, TaskInfo, TaskStatus } from '@mesita/sdk/types';
import { systemClock, systemRandom } from '../../../src/actor/clock.ts';
import { type Agent, createAgent } from '../../../src/agent/agent.ts';
import { createStandaloneDetector } from '../../../src/agent/driver/detector.ts';
import type { MesosContainerizer } from '../../../src/containerizer/mesos/mesos-containerizer.ts';
import { createCommandExecutor } from '../../../src/executor/command-executor.ts';
import { createDefaultExecutor } from '../../../src/executor/default-executor.ts';
import { allowEverything } from '../../../src/net/authorization.ts';
import { createFiles, type Files } from '../../../src/net/files.ts';
import { createMessenger } from '../../../src/net/messenger.ts';
import { createMetrics, type Metrics } from '../../../src/net/metrics.ts';
import { createServer, type Server } from '../../../src/net/server.ts';
import { decodeReceived, encodeMessage, type MessageOf } from '../../../src/wire/messages.ts';
import type * as internal from '../../../src/wire/types/internal.ts';
import { createScene as createContainers } from '../containerizer/scene.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const agentId = { value: 'M-S0' };

type Incoming = NonNullable<ReturnType<typeof decodeReceived<'master'>>>;

export interface FakeMaster {
  readonly port: number;
  readonly received: Incoming[];
  readonly statuses: TaskStatus[];
  send<Name extends keyof typeof names>(name: Name, message: MessageOf<(typeof names)[Name]>): void;
  run(task: TaskInfo, framework?: Partial<FrameworkInfo>): void;
  close(): Promise<void>;
}

const names = {
  RunTask: 'mesos.internal.RunTaskMessage',
  RunTaskGroup: 'mesos.internal.RunTaskGroupMessage',
  KillTask: 'mesos.internal.KillTaskMessage',
  ShutdownFramework: 'mesos.internal.ShutdownFrameworkMessage',
  FrameworkToExecutor: 'mesos.internal.FrameworkToExecutorMessage',
} as const;

/** Registers every agent, acknowledges every update, and notes all it hears. */
export async function startMaster(port = 0): Promise<FakeMaster> {
  const server = createServer({ processes: [], delegate: 'master', log });
  const address = await server.listen('127.0.0.1', port);
  const messenger = createMessenger({ self: address, log });
  const received: Incoming[] = [];
  const statuses: TaskStatus[] = [];
  let agent = '' as Pid;

  function answer(message: Incoming): void {
    const connection = { totalPingTimeoutSeconds: 75 };
    if (message.name === 'mesos.internal.RegisterSlaveMessage') {
      const name = 'mesos.internal.SlaveRegisteredMessage';
      messenger.send(agent, 'master', name, encodeMessage(name, { agentId, connection }));
    } else if (message.name === 'mesos.internal.ReregisterSlaveMessage') {
      const name = 'mesos.internal.SlaveReregisteredMessage';
      messenger.send(agent, 'master', name, encodeMessage(name, { agentId, connection }));
    } else if (message.name === 'mesos.internal.StatusUpdateMessage') {
      acknowledge(message.message.update);
    }
  }

  function acknowledge({ frameworkId, status, uuid }: internal.StatusUpdate): void {
    statuses.push(status);
    if (!uuid) return;
    const name = 'mesos.internal.StatusUpdateAcknowledgementMessage';
    const body = { agentId, frameworkId, taskId: status.taskId, uuid };
    messenger.send(agent, 'master', name, encodeMessage(name, body));
  }

  server.add({
    id: 'master',
    routes: [],
    receive({ from, name, body }) {
      const message = decodeReceived('master', name, body);
      if (!message) return;
      agent = from as Pid;
      received.push(message);
      answer(message);
    },
  });
  const master: FakeMaster = {
    port: address.port,
    received,
    statuses,
    send: (name, message) =>
      messenger.send(agent, 'master', names[name], encodeMessage(names[name], message)),
    run(task, more = {}) {
      const framework = { id: { value: 'F' }, user: 'root', name: 'fw', ...more };
      master.send('RunTask', { framework, task, pid: '@0.0.0.0:0', launchExecutor: true });
    },
    async close() {
      messenger.close();
      await server.close();
    },
  };
  return master;
}

export interface RunningAgent {
  readonly agent: Agent;
  readonly root: string;
  readonly url: string;
  readonly files: Files;
  readonly metrics: Metrics;
  readonly containerizer: MesosContainerizer;
  /** Texts the agent logged as errors. */
  readonly errors: readonly string[];
  readonly exits: (readonly [status: number, error: string | undefined])[];
  /** As a killed process would: everything it started goes on. */
  abandon(): Promise<void>;
  /** Ends its containers too. */
  end(): Promise<void>;
}

export async function startAgent(
  master: FakeMaster,
  root = mkdtempSync(join(tmpdir(), 'mesita-agent-')),
  port = 0,
  resources = 'cpus:4;mem:1024;disk:1024',
): Promise<RunningAgent> {
  chmodSync(root, 0o755);
  const { containerizer } = await createContainers({}, root);
  const server: Server = createServer({ processes: [], delegate: 'slave(1)', log });
  const address = await server.listen('127.0.0.1', port);
  const files = createFiles();
  const metrics = createMetrics(systemClock);
  const exits: [number, string | undefined][] = [];
  const errors: string[] = [];
  const agent = createAgent({
    config: {
      info: {
        hostname: 'localhost',
        port: address.port,
        resources: unwrap(Resources.parse(resources)).toMessages(),
      },
      version: '1.12.0',
      workDir: join(root, 'work'),
      launcherDir: '/usr/libexec/mesos',
      sandboxDirectory: '/mnt/mesos/sandbox',
      switchUser: true,
      recover: 'reconnect',
      registrationBackoffMs: 10,
      executorRegistrationTimeoutMs: 60_000,
      executorReregistrationTimeoutMs: 30_000,
      executorShutdownGraceMs: 5000,
      recoveryTimeoutMs: 900_000,
      gcDelayMs: 604_800_000,
      maxCompletedExecutors: 150,
      httpCommandExecutor: false,
      executorEnvironment: {},
      defaultContainerInfo: undefined,
    },
    strict: true,
    reconfigurationPolicy: 'equal',
    address,
    detector: createStandaloneDetector({ ip: '127.0.0.1', port: master.port }),
    containerizer,
    executors: { COMMAND: createCommandExecutor, DEFAULT: createDefaultExecutor },
    files,
    authorization: allowEverything,
    metrics,
    collection: { delayMs: 604_800_000, diskHeadroom: 0.1, watchIntervalMs: 60_000 },
    clock: systemClock,
    random: systemRandom,
    log: { ...log, error: (text) => errors.push(text) },
    onExit: (status, error) => exits.push([status, error]),
  });
  const { executorApi: handler, receive } = agent.endpoints;
  server.add({ id: 'slave(1)', routes: [{ path: '/api/v1/executor', handler }], receive });
  const abandon = async () => {
    await agent.stop();
    await server.close();
  };
  const running: RunningAgent = {
    agent,
    root,
    url: `http://127.0.0.1:${address.port}`,
    files,
    metrics,
    containerizer,
    errors,
    exits,
    async abandon() {
      await abandon();
      await containerizer.close();
    },
    async end() {
      await abandon();
      for (const id of await containerizer.containers()) await containerizer.destroy(id);
      await containerizer.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  try {
    await agent.start();
  } catch (error) {
    await running.abandon();
    throw error;
  }
  return running;
}

export function commandTask(id: string, command: string): TaskInfo {
  return {
    name: id,
    taskId: { value: id },
    agentId,
    resources: unwrap(Resources.parse('cpus:0.1;mem:32')).allocate('*').toMessages(),
    command: { value: command },
  };
}

/** Its process only holds the place: the test speaks for it. */
export function customTask(id: string, executor: string): TaskInfo {
  const { command: _, ...task } = commandTask(id, '');
  const info = { executorId: { value: executor }, command: { value: 'sleep 1000' } };
  return { ...task, executor: { ...info, type: 'CUSTOM' } };
}
