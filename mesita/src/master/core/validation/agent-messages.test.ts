import type { AgentInfo, ExecutorInfo, FrameworkInfo, Resource, Task } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import type { ReregisterSlaveMessage } from '../../../wire/types/internal.ts';
import { validateRegisterAgent, validateReregisterAgent } from './agent-messages.ts';

const agent: AgentInfo = { hostname: 'h', id: { value: 'agent' } };
const framework: FrameworkInfo = { user: 'u', name: 'n', id: { value: 'fw' } };
const executor: ExecutorInfo = { executorId: { value: 'e' }, frameworkId: { value: 'fw' } };
const bad: Resource = { name: 'cpus', type: 'SCALAR', scalar: { value: -1 } };
const task = (rest: Partial<Task> = {}): Task => ({
  name: 't',
  taskId: { value: 't' },
  frameworkId: { value: 'fw' },
  executorId: { value: 'e' },
  agentId: { value: 'agent' },
  state: 'TASK_RUNNING',
  ...rest,
});
const back = (rest: Partial<ReregisterSlaveMessage>) =>
  validateReregisterAgent({ agent, frameworks: [framework], executorInfos: [executor], ...rest });

test('an agent must be consistent to be let in', () => {
  expect([
    validateRegisterAgent({ agent }),
    validateRegisterAgent({ agent: { ...agent, id: { value: 'a/b' } } }),
    validateRegisterAgent({ agent: { ...agent, resources: [bad] } }),
    validateRegisterAgent({ agent, checkpointedResources: [bad] }),
  ]).toEqual([
    undefined,
    "'a/b' contains invalid characters",
    "Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0",
    'Invalid scalar resource: value <= 0',
  ]);
});

test('an agent must know the owners of all it comes back with', () => {
  expect([
    back({ tasks: [task()] }),
    back({ tasks: [task({ state: 'TASK_FINISHED', executorId: { value: 'gone' } })] }),
    back({ frameworks: [framework, framework] }),
    back({ frameworks: [{ ...framework, role: '/x' }] }),
    back({ executorInfos: [executor, executor] }),
    back({ executorInfos: [{ ...executor, frameworkId: { value: 'zz' } }] }),
    back({ tasks: [task({ taskId: { value: '' } })] }),
    back({ tasks: [task({ agentId: { value: 'zz' } })] }),
    back({ tasks: [task({ frameworkId: { value: 'zz' } })] }),
    back({ tasks: [task({ executorId: { value: 'zz' } })] }),
    back({ tasks: [task({ resources: [bad] })] }),
  ]).toEqual([
    undefined,
    undefined,
    "Framework has a duplicate FrameworkID: 'fw'",
    "'FrameworkInfo.role' is not a valid role: Role '/x' cannot start with a slash",
    "Framework 'fw' has a duplicate ExecutorID 'e'",
    "Executor has an invalid FrameworkID 'zz'",
    'Task has an invalid TaskID: ID must not be empty',
    "Task has an invalid SlaveID 'zz'",
    "Task has an invalid FrameworkID 'zz'",
    "Task has an invalid ExecutorID 'zz'",
    "Task uses invalid resources: Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0",
  ]);
});
