import type { TaskState, TaskStatus } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { describeStatus, exitStatus } from './outcome.ts';

function status(state: TaskState, message?: string): TaskStatus {
  return { taskId: { value: 't' }, state, ...(message !== undefined && { message }) };
}

test.each([
  ['TASK_FINISHED', 'Command exited with status 0', 0],
  ['TASK_FINISHED', undefined, 0],
  ['TASK_FAILED', 'Command exited with status 42', 42],
  ['TASK_FAILED', 'Command terminated with signal Segmentation fault (core dumped)', 139],
  ['TASK_KILLED', 'Command terminated with signal Killed', 137],
  ['TASK_KILLED', 'Command terminated with signal Terminated', 143],
  ['TASK_LOST', 'Task launched with invalid offers', 1],
] as const)('%s, %s: the shell would say %i', (state, message, expected) => {
  expect(exitStatus(status(state, message))).toBe(expected);
});

test('a status in words', () => {
  expect(describeStatus(status('TASK_RUNNING'))).toBe('TASK_RUNNING');
  const lost = { ...status('TASK_LOST'), reason: 'REASON_AGENT_REMOVED' as const };
  expect(describeStatus(lost)).toBe('TASK_LOST: REASON_AGENT_REMOVED');
});
