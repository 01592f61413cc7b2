import { Resources } from '@mesita/sdk/resources';
import type { ExecutorRecord } from '../agent.ts';
import type { MasterState } from '../state.ts';
import { holdsResources, type TaskRecord } from '../task.ts';

/** What must hold of a master's books after every step; the answer is what does not. */
export function brokenInvariants(state: MasterState): string[] {
  return [...brokenAgents(state), ...brokenFrameworks(state), ...brokenOffers(state)];
}

function heldBy(tasks: Iterable<TaskRecord>, executors: Iterable<ExecutorRecord>): Resources {
  const running = [...tasks].filter(({ task }) => holdsResources(task.state));
  return Resources.sum([...running, ...executors].map(({ resources }) => resources));
}

function* brokenAgents({ agents, frameworks, offers }: MasterState): Iterable<string> {
  for (const agent of agents.registered.values()) {
    const others = [agents.recovered, agents.unreachable, agents.gone, agents.removed];
    if (others.some((ids) => ids.has(agent.id)))
      yield `${agent.id} is registered and something else`;
    if (agent.active && !agent.connected) yield `${agent.id} is active without a connection`;
    const ids = new Set([...agent.tasks.keys(), ...agent.executors.keys(), ...agent.used.keys()]);
    for (const id of ids) {
      const tasks = agent.tasks.get(id);
      const held = heldBy(tasks?.values() ?? [], agent.executors.get(id)?.values() ?? []);
      const used = agent.used.get(id) ?? Resources.empty;
      if (!used.equals(held)) yield `${agent.id} uses ${used} for ${id}, which holds ${held}`;
      const framework = frameworks.registered.get(id);
      if (!framework) yield `${agent.id} has something of the unknown ${id}`;
      for (const [taskId, record] of tasks ?? []) {
        if (framework?.tasks.get(taskId) !== record) yield `${id} does not know its task ${taskId}`;
      }
    }
    const records = [...agent.offers].map((id) => offers.get(id)?.resources ?? Resources.empty);
    if (!agent.offered.equals(Resources.sum(records))) yield `${agent.id} offers ${agent.offered}`;
    const total = Resources.sum([...agent.used.values(), agent.offered]);
    if (!agent.total.contains(total.unallocate()))
      yield `${agent.id} gave more than it has: ${total}`;
  }
}

function* brokenFrameworks({ frameworks, agents, offers }: MasterState): Iterable<string> {
  for (const framework of frameworks.registered.values()) {
    const { id } = framework;
    if (frameworks.completed.has(id)) yield `${id} is registered and completed`;
    for (const { task } of framework.tasks.values()) {
      const agent = agents.registered.get(task.agentId.value as never);
      if (!agent?.tasks.get(id)?.has(task.taskId.value as never)) {
        yield `task ${task.taskId.value} of ${id} is on no agent`;
      }
    }
    const executors = [...framework.executors.values()].flatMap((byId) => [...byId.values()]);
    const held = heldBy(framework.tasks.values(), executors);
    if (!framework.totalUsed.equals(held)) yield `${id} uses ${framework.totalUsed}, holds ${held}`;
    if (!framework.totalUsed.equals(Resources.sum(framework.used.values())))
      yield `${id} has a sum amiss`;
    const offered = Resources.sum(
      [...framework.offers].map((offer) => offers.get(offer)?.resources ?? Resources.empty),
    );
    if (!framework.totalOffered.equals(offered)) yield `${id} is offered ${framework.totalOffered}`;
    const tracked = [...frameworks.roles].filter(([, ids]) => ids.has(id)).map(([role]) => role);
    const wanted = new Set([...framework.roles, ...framework.totalUsed.allocations().keys()]);
    if (tracked.sort().join() !== [...wanted].sort().join())
      yield `${id} is tracked under ${tracked}`;
  }
}

function* brokenOffers({ offers, agents, frameworks }: MasterState): Iterable<string> {
  for (const offer of offers.values()) {
    const agent = agents.registered.get(offer.agentId);
    const framework = frameworks.registered.get(offer.frameworkId);
    if (!agent?.active || !agent.offers.has(offer.id)) yield `${offer.id} is of an idle agent`;
    if (!framework?.active || !framework.offers.has(offer.id)) yield `${offer.id} is to nobody`;
  }
}
