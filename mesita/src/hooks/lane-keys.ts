import type { LaneKeys } from './lanes.ts';

// Which messages about tasks must not overtake each other while one of them waits for a hook.

const key = (...parts: readonly (string | undefined)[]) => JSON.stringify(parts);

/** Tasks on their way to one executor: in order among themselves, and behind its framework's end. */
export function runKeys(
  framework: string | undefined,
  executor: string,
  tasks: readonly string[],
): LaneKeys {
  const own = key('executor', framework, executor);
  return {
    after: [own, key('end', framework)],
    holds: [own, key('all', framework), ...tasks.map((task) => key('task', framework, task))],
  };
}

export function killKeys(framework: string | undefined, task: string): LaneKeys {
  return { after: [key('task', framework, task)], holds: [] };
}

export function executorKeys(framework: string | undefined, executor: string): LaneKeys {
  const own = key('executor', framework, executor);
  return { after: [own], holds: [own] };
}

export function frameworkEndKeys(framework: string | undefined): LaneKeys {
  const all = key('all', framework);
  return { after: [all], holds: [all, key('end', framework)] };
}
