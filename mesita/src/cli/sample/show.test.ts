import { expect, test } from 'vitest';
import type { Life } from './framework.ts';
import { progressLine, summaryTable, surprises } from './show.ts';
import { SAMPLE_TASKS } from './tasks.ts';

const failing = SAMPLE_TASKS.find(({ expected }) => expected === 'TASK_FAILED')!;
const lives: readonly Life[] = [
  { task: SAMPLE_TASKS[0]!, agentUrl: 'u', startedAt: 0, endedAt: 1500, state: 'TASK_FINISHED' },
  {
    task: failing,
    agentUrl: 'u',
    startedAt: 0,
    endedAt: 10,
    state: 'TASK_FAILED',
    message: 'status 3',
  },
  { task: SAMPLE_TASKS[1]!, agentUrl: 'u', startedAt: 0, state: 'TASK_RUNNING' },
];

test('tells how far it is and what went wrong', () => {
  expect(progressLine(lives, 12)).toBe('[====>                   ] 2 of 12 tasks done, 1 running');
  expect(surprises(lives)).toEqual(['counter ended as TASK_RUNNING, not as TASK_FINISHED']);
  const table = summaryTable(lives, () => 'agent-1');
  expect(table).toMatch(/hello +│ agent-1 +│ TASK_FINISHED +│ 1\.5/);
  expect(table).toContain('TASK_FAILED (on purpose)');
});

test('names are unique: they are the task ids', () => {
  expect(new Set(SAMPLE_TASKS.map(({ name }) => name)).size).toBe(SAMPLE_TASKS.length);
});
