// A process of its own: `agent.mjs <work dir> <master> <updates of each task>`. Everything is the
// agent's own but containers, which there are none, and executors, which only report.
import process from 'node:process';
import type { Pid } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Event } from '@mesita/sdk/types/executor';
import { systemClock, systemRandom } from '../../mesita/src/actor/clock.ts';
import { createAgent } from '../../mesita/src/agent/agent.ts';
import type { Containerizer } from '../../mesita/src/containerizer/containerizer.ts';
import type { BuiltinExecutor, ExecutorContext } from '../../mesita/src/executor/executor.ts';
import { allowEverything } from '../../mesita/src/net/authorization.ts';
import { createFiles } from '../../mesita/src/net/files.ts';
import { createMetrics } from '../../mesita/src/net/metrics.ts';
import { createServer } from '../../mesita/src/net/server.ts';

const [workDir = '', master = '', each = ''] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const never = new Promise<never>(() => {});

const noContainers: Containerizer = {
  recover: async () => {},
  launch: async () => 'LAUNCHED',
  update: async () => {},
  usage: () => never,
  status: async (containerId) => ({ containerId }),
  wait: () => never,
  destroy: () => never,
  kill: async () => false,
  remove: async () => {},
  attachOutput: () => never,
  attachInput: () => never,
  onSandboxLeft: () => {},
  containers: async () => [],
};

/** Its next update comes when the agent has acknowledged the one before: that one is durable. */
function createReporter({ executor, framework, uuid, call }: ExecutorContext): BuiltinExecutor {
  const names = { executorId: executor.executorId, frameworkId: framework.id! };
  let left = Number(each);
  let taskId = { value: '' };
  function report(): void {
    if (left-- <= 0) return;
    const timestamp = Date.now() / 1000;
    const status = {
      taskId,
      state: 'TASK_RUNNING' as const,
      source: 'SOURCE_EXECUTOR' as const,
      executorId: names.executorId,
      timestamp,
      uuid: uuid(),
    };
    call({ type: 'UPDATE', ...names, update: { status } });
  }
  queueMicrotask(() => call({ type: 'SUBSCRIBE', ...names, subscribe: {} }));
  return {
    receive(event: Event) {
      if (event.launch) taskId = event.launch.task.taskId;
      if (event.launch || event.acknowledged) report();
    },
    terminated: async () => {},
  };
}

const server = createServer({ processes: [], log: quiet });
const address = await server.listen('127.0.0.1', 0);
const agent = createAgent({
  config: {
    info: {
      hostname: 'bench',
      port: address.port,
      resources: unwrap(Resources.parse('cpus:1000;mem:1000000;disk:1000', '*')).toMessages('post'),
    },
    version: '1.12.0',
    workDir,
    launcherDir: '/',
    sandboxDirectory: '/mnt/mesos/sandbox',
    switchUser: false,
    recover: 'reconnect',
    registrationBackoffMs: 1,
    executorRegistrationTimeoutMs: 60_000,
    executorReregistrationTimeoutMs: 2_000,
    executorShutdownGraceMs: 5_000,
    recoveryTimeoutMs: 900_000,
    gcDelayMs: 1e9,
    maxCompletedExecutors: 10,
    httpCommandExecutor: false,
    executorEnvironment: {},
    defaultContainerInfo: undefined,
  },
  strict: true,
  reconfigurationPolicy: 'equal',
  address,
  detector: {
    detect: (previous) =>
      previous ? never : Promise.resolve({ pid: `master@${master}` as Pid, hostname: undefined }),
  },
  containerizer: noContainers,
  executors: { COMMAND: createReporter, DEFAULT: createReporter },
  files: createFiles(),
  authorization: allowEverything,
  metrics: createMetrics(systemClock),
  collection: { delayMs: 1e9, diskHeadroom: 0.1, watchIntervalMs: 1e9 },
  clock: systemClock,
  random: systemRandom,
  log: quiet,
  onExit(status, error) {
    console.error(error);
    process.exit(status || 1);
  },
});
server.add({ id: 'slave(1)', routes: [], receive: agent.endpoints.receive });
await agent.start();
