import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Allocator } from '@mesita/sdk/module';
import type { FrameworkInfo } from '@mesita/sdk/types';
import { readArguments } from '../trace/calls.ts';
import type { Trace } from '../trace/file.ts';
import type { CallLine, RunLine } from '../trace/format.ts';
import { readResources } from '../trace/resources.ts';
import { TaskLog } from './task-log.ts';
import type { AgentPlan, FrameworkPlan, Setting, Wish, Workload } from './workload.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How the calls of a trace are understood: the time, then the call's own arguments. */
type Readers = {
  readonly [M in keyof Allocator]?: Allocator[M] extends
    | ((...args: infer Arguments) => unknown)
    | undefined
    ? (atMs: number, ...args: Arguments) => void
    : never;
};

/**
 * The same agents, frameworks and tasks, without what the recorded allocator decided: a task that
 * was launched becomes a wish at that moment, for as long as it ran. Throws an error that names
 * the line of the trace.
 */
export function workloadOf({ header, lines }: Trace, name: string): Workload {
  const agents = new Map<AgentId, Mutable<AgentPlan>>();
  const frameworks = new Map<FrameworkId, Mutable<FrameworkPlan> & { wishes: Wish[] }>();
  const settings: Setting[] = [];
  const tasks = new TaskLog((framework, wish) => frameworks.get(framework)?.wishes.push(wish));
  const readers: Readers = {
    ...agentReaders(agents, tasks),
    ...frameworkReaders(frameworks, tasks),
    ...settingReaders(settings),
    transitionOfferedToAllocated: (atMs, agent, resources) => tasks.launch(atMs, agent, resources),
    recoverResources(atMs, framework, agent, resources, filters, isAllocated) {
      if (isAllocated) tasks.end(atMs, framework, agent, resources);
      else tasks.takeBack(framework, agent, resources);
      const plan = frameworks.get(framework);
      if (plan !== undefined && filters !== undefined)
        plan.refuseSeconds = filters.refuseSeconds ?? 5;
    },
  };
  for (const [i, line] of lines.entries()) {
    try {
      if ('run' in line) noteOffers(line, tasks);
      else if ('call' in line) readCall(line, readers);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${name}:${i + 2}: ${reason}`, { cause });
    }
  }
  const endMs = Math.max(1, lines.at(-1)?.t ?? 0);
  tasks.endAll(2 * endMs);
  for (const { wishes } of frameworks.values()) wishes.sort((a, b) => a.atMs - b.atMs);
  const title = `${name}: ${agents.size} agents, ${frameworks.size} frameworks, recorded from ${header.started}`;
  return {
    title,
    endMs,
    options: header.options,
    agents: [...agents.values()],
    frameworks: [...frameworks.values()],
    settings,
  };
}

function readCall({ t, call, arguments: json }: CallLine, readers: Readers): void {
  const args = readArguments(call, Object(json) as Record<string, unknown>);
  const read = readers[call as keyof Allocator] as
    | ((atMs: number, ...args: readonly unknown[]) => void)
    | undefined;
  read?.(t, ...args);
}

function noteOffers({ run }: RunLine, tasks: TaskLog): void {
  for (const [framework, roles] of Object.entries(run.offers ?? {})) {
    for (const [role, agents] of Object.entries(roles)) {
      for (const [agent, resources] of Object.entries(agents)) {
        const offered = readResources(resources).allocate(role);
        tasks.offer(framework as FrameworkId, agent as AgentId, offered);
      }
    }
  }
}

function agentReaders(agents: Map<AgentId, Mutable<AgentPlan>>, tasks: TaskLog): Readers {
  return {
    addAgent(joinsAtMs, id, info, capabilities, _unavailability, total) {
      if (!agents.has(id)) agents.set(id, { id, info, capabilities, total, joinsAtMs });
    },
    removeAgent(atMs, id) {
      tasks.endOn(atMs, id);
      const plan = agents.get(id);
      if (plan !== undefined) plan.leavesAtMs ??= atMs;
    },
  };
}

function frameworkReaders(
  frameworks: Map<FrameworkId, Mutable<FrameworkPlan> & { wishes: Wish[] }>,
  tasks: TaskLog,
): Readers {
  return {
    addFramework(joinsAtMs, id, info) {
      if (frameworks.has(id)) return;
      const roles = rolesOf(info);
      const wishes: Wish[] = [];
      frameworks.set(id, {
        id,
        info,
        roles,
        joinsAtMs,
        suppresses: false,
        refuseSeconds: 5,
        wishes,
      });
    },
    removeFramework(atMs, id) {
      tasks.endOf(atMs, id);
      const plan = frameworks.get(id);
      if (plan !== undefined) plan.leavesAtMs ??= atMs;
    },
    suppressOffers(_atMs, id) {
      const plan = frameworks.get(id);
      if (plan !== undefined) plan.suppresses = true;
    },
  };
}

function rolesOf(info: FrameworkInfo): readonly string[] {
  if (info.roles !== undefined && info.roles.length > 0) return info.roles;
  return [info.role ?? '*'];
}

function settingReaders(settings: Setting[]): Readers {
  return {
    recover(atMs, _expected, quotas) {
      for (const [role, quota] of quotas) settings.push({ atMs, role, quota });
    },
    updateQuota: (atMs, role, quota) => void settings.push({ atMs, role, quota }),
    updateWeights(atMs, weights) {
      for (const { role, weight } of weights)
        if (role !== undefined) settings.push({ atMs, role, weight });
    },
  };
}
