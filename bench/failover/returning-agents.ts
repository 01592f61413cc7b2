// Agents that lost their master: peers on the wire, with all they have to say prepared beforehand.
import { randomUUID } from 'node:crypto';
import type { Pid } from '@mesita/sdk/base';
import type { FrameworkInfo, Task } from '@mesita/sdk/types';
import { createMessenger, type Messenger } from '../../mesita/src/net/messenger.ts';
import { createServer } from '../../mesita/src/net/server.ts';
import { decodeReceived, encodeMessage } from '../../mesita/src/wire/messages.ts';
import { withCheckpoint } from '../../mesita/src/wire/v0.ts';
import { addressOf, agentInfo, PORT } from './agent-info.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const capabilities = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'] as const;
const FRAMEWORKS = 50;
const FRAMEWORKS_OF_AN_AGENT = 5;

interface Size {
  readonly agents: number;
  readonly tasksOfAnAgent: number;
}

/** What was lost on the way is said again, as agents do after some steps of their back-off. */
const RETRY_MS = 30_000;

/** `start` resolves when the last one has its answer. */
export async function prepareAgents(master: string, size: Size) {
  const masterPid = `master@${master}` as Pid;
  const server = createServer({ processes: [], log });
  const { port } = await server.listen('0.0.0.0', PORT);
  const messengers = new Map<string, Messenger>();
  const unanswered = new Map(
    Array.from({ length: size.agents }, (_, i) => [i, reregistration(i, size)] as const),
  );
  let retry: NodeJS.Timeout | undefined;
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  for (let i = 0; i < size.agents; i++) {
    const id = `slave(${i})`;
    const ip = addressOf(i);
    const messenger = messengers.get(ip) ?? createMessenger({ self: { ip, port }, log });
    messengers.set(ip, messenger);
    server.add({
      id,
      routes: [],
      receive({ from, name, body }) {
        if (name === 'mesos.internal.PingSlaveMessage') {
          messenger.send(from as Pid, id, 'mesos.internal.PongSlaveMessage', new Uint8Array());
          return;
        }
        const received = decodeReceived('agent', name, body);
        if (received?.name !== 'mesos.internal.SlaveReregisteredMessage') return;
        const { agentId } = received.message;
        const update = encodeMessage('mesos.internal.UpdateSlaveMessage', {
          agentId,
          updateOversubscribedResources: false,
          resourceVersionUuid: version,
          operations: {},
          resourceProviders: {},
        });
        messenger.send(masterPid, id, 'mesos.internal.UpdateSlaveMessage', update);
        unanswered.delete(i);
        if (unanswered.size === 0) finish();
      },
    });
  }
  function speak(): void {
    for (const [i, message] of unanswered) {
      const messenger = messengers.get(addressOf(i))!;
      messenger.send(masterPid, `slave(${i})`, 'mesos.internal.ReregisterSlaveMessage', message);
    }
  }

  return {
    async start(): Promise<void> {
      speak();
      retry = setInterval(speak, RETRY_MS);
      await done;
      clearInterval(retry);
    },
    async close() {
      clearInterval(retry);
      for (const messenger of messengers.values()) messenger.close();
      await server.close();
    },
  };
}

const uuid = () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex');

/** Of every agent: they draw it when they start, and keep it. */
const version = { value: uuid() };

function reregistration(index: number, { tasksOfAnAgent }: Size): Uint8Array {
  const agent = agentInfo(index);
  const frameworks = Array.from({ length: FRAMEWORKS_OF_AN_AGENT }, (_, i) =>
    frameworkInfo((index + i * 7) % FRAMEWORKS),
  );
  const tasks = Array.from({ length: tasksOfAnAgent }, (_, i): Task => {
    const id = `${randomUUID()}`;
    return {
      name: `service-${i}`,
      taskId: { value: id },
      frameworkId: frameworks[i % frameworks.length]!.id!,
      agentId: agent.id!,
      state: 'TASK_RUNNING',
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, allocationInfo: { role: '*' } },
        { name: 'mem', type: 'SCALAR', scalar: { value: 2048 }, allocationInfo: { role: '*' } },
      ],
      labels: { labels: [{ key: 'team', value: `team-${index % 30}` }] },
      statuses: [
        {
          taskId: { value: id },
          state: 'TASK_RUNNING',
          source: 'SOURCE_EXECUTOR',
          agentId: agent.id!,
          timestamp: Date.now() / 1000,
          uuid: uuid(),
        },
      ],
      statusUpdateState: 'TASK_RUNNING',
      statusUpdateUuid: uuid(),
    };
  });
  return encodeMessage('mesos.internal.ReregisterSlaveMessage', {
    agent: withCheckpoint(agent),
    version: '1.12.0',
    agentCapabilities: capabilities.map((type) => ({ type })),
    resourceVersionUuid: version,
    tasks,
    frameworks,
  });
}

function frameworkInfo(index: number): FrameworkInfo {
  return {
    id: { value: `0a8a8d0d-6f5e-4e4e-9a7b-1f1e5a4c2b3d-${String(index).padStart(4, '0')}` },
    user: 'root',
    name: `framework-${index}`,
    roles: ['*'],
    checkpoint: true,
    failoverTimeout: 604_800,
    capabilities: [{ type: 'MULTI_ROLE' }, { type: 'PARTITION_AWARE' }],
  };
}
