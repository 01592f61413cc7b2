import { expect, test } from 'vitest';
import { applyPrepareInfo } from './prepare-info.ts';

const variable = (name: string, value: string) => ({ name, value });
const info = {
  executorEnvironment: { variables: [variable('A', 'first'), variable('A', 'second')] },
  taskEnvironment: { variables: [variable('A', 'task'), variable('T', 'x'), variable('T', 'y')] },
};

test("a command task's variables go to its executor, a custom executor's into its container", () => {
  const container = { A: 'own', B: 'own' };
  expect([
    applyPrepareInfo(container, undefined, true),
    applyPrepareInfo(container, {}, false),
    applyPrepareInfo(container, info, true),
    applyPrepareInfo(container, info, false),
  ]).toEqual([
    { container, task: undefined },
    { container, task: undefined },
    { container: { A: 'second', B: 'own' }, task: { A: 'task', T: 'y' } },
    { container: { A: 'task', B: 'own', T: 'y' }, task: undefined },
  ]);
});
