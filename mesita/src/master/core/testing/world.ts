import { type AgentId, type FrameworkId, ok, type Pid, type StreamId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo, scheduler, TaskInfo } from '@mesita/sdk/types';
import { type Approvers, allowAll } from '../approvers.ts';
import { defaultMasterConfig, type MasterConfig } from '../config.ts';
import { createMasterCore } from '../core.ts';
import type { AllocatorCall, MasterEffect, Respond } from '../effects.ts';
import type { MasterEvent } from '../events.ts';
import type { PeerMessage } from '../messages.ts';
import type { OperatorEvent } from '../operator-event.ts';
import { applyOperation } from '../registry/apply-operation.ts';
import type { WholeRegistry } from '../registry/whole.ts';

export const agentPid = 'slave(1)@10.0.0.2:5051' as Pid;
const masterId = 'm';

export interface WorldOptions {
  readonly config?: Partial<MasterConfig>;
  readonly registry?: WholeRegistry;
  readonly approvers?: Approvers;
  readonly isRecovered?: boolean;
  /** The registry answers only at `settle`. */
  readonly isSlow?: boolean;
}

/**
 * A master core with a registry and a clock that never fail, and everybody else a recording: tests
 * say what happens, and read what the core asked for.
 */
export function createWorld({
  config = {},
  registry = {},
  approvers = allowAll,
  isRecovered = true,
  isSlow = false,
}: WorldOptions = {}) {
  let now = 1_700_000_000_000;
  let books: WholeRegistry = registry;
  let requests = 0;
  let uuids = 0;
  const core = createMasterCore(
    {
      ...defaultMasterConfig,
      info: { id: masterId, ip: 0, port: 5050, hostname: 'localhost' },
      random: { next: () => 0.5, uuid: () => String(uuids++).padStart(32, '0') },
      ...config,
    },
    now,
  );
  const timers = new Map<string, { at: number; then: MasterEvent }>();
  const sent: { to: Pid; from: string; message: PeerMessage }[] = [];
  const published = new Map<StreamId, scheduler.Event[]>();
  const closed: StreamId[] = [];
  const responses: Respond[] = [];
  const calls: AllocatorCall[] = [];
  const operator: OperatorEvent[] = [];
  const exits: string[] = [];
  const unsettled: MasterEvent[] = [];

  function step(event: MasterEvent): void {
    const outcomes: MasterEvent[] = [];
    for (const effect of core.step(now, event)) perform(effect, outcomes);
    for (const outcome of outcomes) step(outcome);
  }

  function perform(effect: MasterEffect, outcomes: MasterEvent[]): void {
    switch (effect.type) {
      case 'send':
        sent.push({ to: effect.to, from: effect.from, message: effect.message });
        break;
      case 'persist': {
        const result = applyOperation(books, effect.operation);
        const mutated = result.ok && result.value !== books;
        if (result.ok) books = result.value;
        (isSlow ? unsettled : outcomes).push({ ...effect.then, mutated } as MasterEvent);
        break;
      }
      case 'authorize':
        outcomes.push({ ...effect.then, approvers } as MasterEvent);
        break;
      case 'setTimer':
        timers.set(effect.id, { at: now + effect.delayMs, then: effect.then });
        break;
      case 'cancelTimer':
        timers.delete(effect.id);
        break;
      case 'respond':
        responses.push(effect);
        break;
      case 'openStream':
        published.set(effect.stream, []);
        break;
      case 'publish':
        published.get(effect.stream)?.push(effect.event);
        break;
      case 'closeStream':
        closed.push(effect.stream);
        break;
      case 'allocator':
        calls.push(effect.call);
        break;
      case 'publishOperator':
        operator.push(effect.event);
        break;
      case 'exit':
        exits.push(effect.reason);
        break;
      default:
        break;
    }
  }

  /** Lets time pass; timers come in their order. */
  function advance(ms: number): void {
    const end = now + ms;
    for (;;) {
      const due = [...timers]
        .filter(([, { at }]) => at <= end)
        .sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      timers.delete(due[0]);
      now = due[1].at;
      step(due[1].then);
    }
    now = end;
  }

  /** The wall clock is set; what waits goes on to wait as long as it had to. */
  function setClock(byMs: number): void {
    now += byMs;
    for (const [id, timer] of timers) timers.set(id, { ...timer, at: timer.at + byMs });
  }

  function call(body: scheduler.Call, stream?: StreamId): Respond | undefined {
    const requestId = `r${requests++}`;
    step({ type: 'SchedulerCall', requestId, call: body, stream });
    return responses.find((response) => response.requestId === requestId);
  }

  step({ type: 'LeaderDetected', leader: core.state.info });
  if (isRecovered) step({ type: 'RegistryRecovered', registry });

  return {
    core,
    state: core.state,
    step,
    advance,
    setClock,
    call,
    sent,
    published,
    closed,
    responses,
    calls,
    operator,
    exits,
    timers,
    get registry() {
      return books;
    },
    /** The registry's oldest answer arrives. */
    settle(): void {
      const outcome = unsettled.shift();
      if (outcome) step(outcome);
    },
    /** Forgets what was recorded so far. */
    clear(): void {
      for (const list of [sent, closed, responses, calls, operator]) list.length = 0;
      for (const events of published.values()) events.length = 0;
    },
    events: (stream: StreamId) => published.get(stream) ?? [],
    messages: (name: PeerMessage['name']) =>
      sent.filter(({ message }) => message.name === name).map(({ message }) => message.body),
  };
}

export type World = ReturnType<typeof createWorld>;

export const agentInfo: AgentInfo = {
  hostname: 'host',
  port: 5051,
  resources: [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, role: '*' },
    { name: 'mem', type: 'SCALAR', scalar: { value: 1024 }, role: '*' },
  ],
};

const agentCapabilities = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
  'RESOURCE_PROVIDER',
  'AGENT_OPERATION_FEEDBACK',
].map((type) => ({ type }) as AgentInfo.Capability);

export function registration(info: AgentInfo, from: Pid) {
  const message = { agent: info, version: '1.11.0', agentCapabilities };
  return { type: 'RegisterAgent' as const, from, message };
}

export function register(world: World, info = agentInfo, pid = agentPid): AgentId {
  world.step(registration(info, pid));
  const agent = world.state.agents.byPid.get(pid);
  if (!agent) throw new Error('the agent was not admitted');
  return agent.id;
}

export function reregistration(id: AgentId, rest: object = {}) {
  return {
    type: 'ReregisterAgent' as const,
    from: agentPid,
    message: {
      agent: { ...agentInfo, id: { value: id } },
      version: '1.11.0',
      agentCapabilities,
      ...rest,
    },
  };
}

/** Subscribes; the framework's stream is `stream`. */
export function subscribe(
  world: World,
  info: Partial<FrameworkInfo> = {},
  stream = 'stream' as StreamId,
): FrameworkId {
  world.call(
    {
      type: 'SUBSCRIBE',
      frameworkId: info.id,
      subscribe: { frameworkInfo: { user: 'u', name: 'fw', ...info } },
    },
    stream,
  );
  const subscribed = world.events(stream).find(({ type }) => type === 'SUBSCRIBED');
  return (subscribed?.subscribed?.frameworkId.value ?? '') as FrameworkId;
}

/** The allocator offers; gives the offer as the framework saw it. */
export function offer(
  world: World,
  frameworkId: FrameworkId,
  agentId: AgentId,
  what: string | Resources = 'cpus:4;mem:1024',
  role = '*',
  stream = 'stream' as StreamId,
) {
  const parsed = typeof what === 'string' ? Resources.parse(what) : ok(what);
  if (!parsed.ok) throw new Error(parsed.error);
  const resources = new Map([[role, new Map([[agentId, parsed.value.allocate(role)]])]]);
  world.step({ type: 'OffersMade', frameworkId, resources });
  const made = world.events(stream).findLast(({ type }) => type === 'OFFERS')?.offers?.offers?.[0];
  if (!made) throw new Error('no offer was sent');
  return made;
}

export function taskInfo(id: string, agentId: string, rest: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: id,
    taskId: { value: id },
    agentId: { value: agentId },
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 32 } },
    ],
    command: { value: 'true' },
    ...rest,
  };
}
