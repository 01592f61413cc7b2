// Agents that exist only as libprocess peers: they register, answer pings, and finish every task at once.
import { randomUUID } from 'node:crypto';
import type { Pid } from '@mesita/sdk/base';
import type { AgentInfo, TaskInfo } from '@mesita/sdk/types';
import { createMessenger, type Messenger } from '../../mesita/src/net/messenger.ts';
import { createServer } from '../../mesita/src/net/server.ts';
import { decodeReceived, encodeMessage } from '../../mesita/src/wire/messages.ts';
import type * as internal from '../../mesita/src/wire/types/internal.ts';
import { withCheckpoint } from '../../mesita/src/wire/v0.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const capabilities = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'] as const;

interface EmulatedAgent {
  readonly process: string;
  readonly pid: Pid;
  readonly info: AgentInfo;
  id?: string;
}

export async function emulateAgents(master: string, count: number) {
  const server = createServer({ processes: [], log });
  const self = await server.listen('127.0.0.1', 0);
  const messenger = createMessenger({ self, log });
  const masterPid = `master@${master}` as Pid;
  const agents = Array.from({ length: count }, (_, i) => describe(i + 1, self.port));
  let waiting = count;
  const registered = new Promise<void>((resolve) => {
    for (const agent of agents)
      server.add({
        id: agent.process,
        routes: [],
        receive: ({ from, name, body }) => {
          const message = decodeReceived('agent', name, body);
          if (!message) return;
          if (message.name === 'mesos.internal.SlaveRegisteredMessage') {
            agent.id = message.message.agentId.value;
            if (--waiting === 0) resolve();
          } else if (message.name === 'mesos.internal.PingSlaveMessage')
            messenger.send(
              from as Pid,
              agent.process,
              'mesos.internal.PongSlaveMessage',
              new Uint8Array(),
            );
          else if (message.name === 'mesos.internal.RunTaskMessage')
            runTask(messenger, masterPid, agent, message.message);
        },
      });
  });
  for (const agent of agents) {
    const message = {
      agent: withCheckpoint(agent.info),
      version: '1.12.0',
      agentCapabilities: capabilities.map((type) => ({ type })),
      resourceVersionUuid: { value: uuid() },
    };
    const name = 'mesos.internal.RegisterSlaveMessage';
    messenger.send(masterPid, agent.process, name, encodeMessage(name, message));
  }
  await registered;
  return {
    async close() {
      messenger.close();
      await server.close();
    },
  };
}

function describe(number: number, port: number): EmulatedAgent {
  const process = `slave(${number})`;
  return {
    process,
    pid: `${process}@127.0.0.1:${port}` as Pid,
    info: {
      hostname: `emulated-${number}`,
      port,
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: 32 }, role: '*' },
        { name: 'mem', type: 'SCALAR', scalar: { value: 65_536 }, role: '*' },
      ],
    },
  };
}

const uuid = () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex');

function runTask(
  messenger: Messenger,
  master: Pid,
  agent: EmulatedAgent,
  { task, framework }: internal.RunTaskMessage,
): void {
  for (const state of ['TASK_RUNNING', 'TASK_FINISHED'] as const) {
    const id = uuid();
    const agentId = { value: agent.id ?? '' };
    const timestamp = Date.now() / 1000;
    const update = {
      frameworkId: framework.id!,
      executorId: { value: task.taskId.value },
      agentId,
      status: statusOf(task, state, agentId, id, timestamp),
      timestamp,
      uuid: id,
      latestState: state,
    };
    const name = 'mesos.internal.StatusUpdateMessage';
    messenger.send(master, agent.process, name, encodeMessage(name, { update, pid: agent.pid }));
  }
}

function statusOf(
  task: TaskInfo,
  state: 'TASK_RUNNING' | 'TASK_FINISHED',
  agentId: { value: string },
  id: Uint8Array,
  timestamp: number,
) {
  return {
    taskId: task.taskId,
    state,
    source: 'SOURCE_EXECUTOR' as const,
    agentId,
    executorId: { value: task.taskId.value },
    timestamp,
    uuid: id,
  };
}
