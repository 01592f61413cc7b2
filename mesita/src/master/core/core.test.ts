import type { AgentId, FrameworkId, Pid, StreamId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { TaskState } from '@mesita/sdk/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenInvariants } from './testing/invariants.ts';
import {
  agentInfo,
  createWorld,
  registration,
  reregistration,
  subscribe,
  taskInfo,
  type World,
} from './testing/world.ts';

/*
 * A small cluster in which anything may happen in any order. Ids are drawn from so few that most
 * steps meet something, and some meet what is gone.
 */

const pids = ['slave(1)@10.0.0.2:5051', 'slave(1)@10.0.0.3:5051'] as Pid[] as [Pid, Pid];
const streams = ['s0', 's1', 's2'] as StreamId[];
const states: TaskState[] = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED', 'TASK_FAILED'];

interface Move {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

function pick<T>(items: Iterable<T>, index: number): T | undefined {
  const list = [...items];
  return list[index % Math.max(1, list.length)];
}

const moves: readonly ((world: World, move: Move) => void)[] = [
  (world, { a }) => {
    world.step(registration(agentInfo, pids[a % 2] as Pid));
  },
  (world, { a }) => world.step({ type: 'PeerExited', pid: pids[a % 2] as Pid }),
  (world, { a, b }) => comeBack(world, pick(knownAgents(world), a), b % 2 === 0),
  (world, { a }) => {
    const agent = pick(world.state.agents.registered.values(), a);
    const agentId = { value: agent?.id ?? 'nosuch' };
    world.step({
      type: 'UnregisterAgent',
      from: agent?.pid ?? (pids[0] as Pid),
      message: { agentId },
    });
  },
  (world, { a, b }) => {
    const stream = streams[a % 3] as StreamId;
    const id = b % 3 === 0 ? undefined : pick(world.state.frameworks.registered.keys(), b);
    const capabilities = b % 2 ? [{ type: 'PARTITION_AWARE' as const }] : [];
    const frameworkInfo = {
      user: 'u',
      name: 'f',
      checkpoint: b % 4 < 2,
      failoverTimeout: 100,
      capabilities,
      ...(id && { id: { value: id } }),
    };
    world.call(
      { type: 'SUBSCRIBE', frameworkId: frameworkInfo.id, subscribe: { frameworkInfo } },
      stream,
    );
  },
  (world, { a }) => world.step({ type: 'StreamClosed', stream: streams[a % 3] as StreamId }),
  (world, { a, b, c }) => makeOffer(world, a, b, c),
  (world, { a, b, c }) => launch(world, a, b, c),
  (world, { a }) => {
    const offer = pick(world.state.offers.values(), a);
    if (!offer) return;
    speak(world, offer.frameworkId, {
      type: 'DECLINE',
      decline: { offerIds: [{ value: offer.id }] },
    });
  },
  (world, { a, b, c }) => report(world, a, b, c),
  (world, { a, b }) => {
    const framework = pick(world.state.frameworks.registered.values(), a);
    const task = framework && pick(framework.tasks.values(), b)?.task;
    if (!framework || !task) return;
    const { agentId, taskId, statusUpdateUuid: uuid = new Uint8Array(16) } = task;
    speak(world, framework.id, { type: 'ACKNOWLEDGE', acknowledge: { agentId, taskId, uuid } });
  },
  (world, { a, b }) => {
    const framework = pick(world.state.frameworks.registered.values(), a);
    const task = framework && pick(framework.tasks.values(), b)?.task;
    const taskId = task?.taskId ?? { value: 'nosuch' };
    if (framework) speak(world, framework.id, { type: 'KILL', kill: { taskId } });
  },
  (world, { a }) => {
    const framework = pick(world.state.frameworks.registered.values(), a);
    if (framework) speak(world, framework.id, { type: 'TEARDOWN' });
  },
  (world, { a }) => world.advance(1000 * (1 + (a % 90))),
  (world) => world.settle(),
];

function knownAgents({ state }: World): AgentId[] {
  return [...state.agents.registered.keys(), ...state.agents.unreachable.keys()];
}

/** Brings back what it has, or nothing at all. */
function comeBack(world: World, id: AgentId | undefined, isEmpty: boolean): void {
  if (!id) return;
  const frameworks = [...world.state.frameworks.registered.values()];
  const tasks = frameworks.flatMap((framework) =>
    [...framework.tasks.values(), ...framework.unreachableTasks.values()]
      .filter(({ task }) => task.agentId.value === id)
      .map(({ task }) => ({ ...task, state: 'TASK_RUNNING' as const })),
  );
  const from = world.state.agents.registered.get(id)?.pid ?? (pids[0] as Pid);
  if (!world.state.agents.registered.has(id) && world.state.agents.byPid.has(from)) return;
  const rest = isEmpty ? {} : { tasks, frameworks: frameworks.map(({ info }) => info) };
  world.step({ ...reregistration(id, rest), from });
}

function makeOffer(world: World, a: number, b: number, c: number): void {
  const agent = pick(world.state.agents.registered.values(), a);
  const framework = pick(world.state.frameworks.registered.values(), b);
  if (!agent || !framework) return;
  const taken = Resources.sum([...agent.used.values(), agent.offered]).unallocate();
  const asked = Resources.parse(`cpus:${1 + (c % 3)};mem:128`);
  if (!asked.ok || !agent.total.subtract(taken).contains(asked.value)) return;
  const resources = new Map([['*', new Map([[agent.id, asked.value.allocate('*')]])]]);
  world.step({ type: 'OffersMade', frameworkId: framework.id, resources });
}

function launch(world: World, a: number, b: number, c: number): void {
  const offer = pick(world.state.offers.values(), a);
  if (!offer) return;
  const executor = {
    type: 'CUSTOM' as const,
    executorId: { value: `e${c % 2}` },
    command: { value: 'x' },
    resources: [{ name: 'mem', type: 'SCALAR' as const, scalar: { value: 32 } }],
  };
  const task = taskInfo(`t${b % 5}`, offer.agentId);
  const { command: _, ...withoutCommand } = task;
  const taskInfos = [
    c % 2 ? task : { ...withoutCommand, executor },
    taskInfo(`t${c % 5}`, 'nosuch'),
  ];
  const operations = [{ type: 'LAUNCH' as const, launch: { taskInfos } }];
  const accept = { offerIds: [{ value: offer.id }], operations };
  speak(world, offer.frameworkId, { type: 'ACCEPT', accept });
}

function report(world: World, a: number, b: number, c: number): void {
  const agent = pick(world.state.agents.registered.values(), a);
  const tasks = agent && pick(agent.tasks.values(), b);
  const task = tasks && pick(tasks.values(), c)?.task;
  if (!agent || !task) return;
  const uuid = new Uint8Array(16).fill(c);
  const state = states[c % states.length] as TaskState;
  world.step({
    type: 'StatusUpdate',
    from: agent.pid,
    message: {
      pid: agent.pid,
      update: {
        frameworkId: task.frameworkId,
        agentId: task.agentId,
        status: { taskId: task.taskId, state, uuid },
        timestamp: 1,
        uuid,
        latestState: states[b % states.length],
      },
    },
  });
}

function speak(world: World, id: FrameworkId, call: Parameters<World['call']>[0]): void {
  const connection = world.state.frameworks.registered.get(id)?.connection;
  const stream = connection?.kind === 'http' ? connection.stream : undefined;
  world.call({ ...call, frameworkId: { value: id } }, stream);
}

// How often each of `moves` happens, so that clusters live long enough to work.
const weights = [3, 2, 4, 1, 4, 2, 12, 16, 2, 16, 8, 3, 1, 4, 12];
const deck = weights.flatMap((weight, kind) => Array<number>(weight).fill(kind));

test('whatever happens, nothing throws and the books add up', () => {
  const byte = fc.nat(255);
  const move = fc.record({ kind: fc.constantFrom(...deck), a: byte, b: byte, c: byte });
  fc.assert(
    fc.property(
      fc.array(move, { minLength: 20, maxLength: 100, size: 'max' }),
      fc.boolean(),
      (path, isSlow) => {
        const world = createWorld({ isSlow });
        for (const from of pids) {
          world.step(registration(agentInfo, from));
          world.settle();
        }
        subscribe(world, { failoverTimeout: 100 }, streams[0]);
        for (const step of path) {
          moves[step.kind]?.(world, step);
          expect(brokenInvariants(world.state)).toEqual([]);
        }
      },
    ),
    { numRuns: 40 },
  );
});
