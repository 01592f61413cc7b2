import { readFileSync } from 'node:fs';
import type { AgentId, ExecutorId, FrameworkId, TaskId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, ExecutorInfo, Resource, Task, TaskInfo } from '@mesita/sdk/types';
import { describe, expect, test } from 'vitest';
import { fromJson } from '../../../wire/json.ts';
import * as schema from '../../../wire/schema/mesos.ts';
import { validateOperationResources } from './operation-resources.ts';
import type { LaunchingAgent, LaunchingFramework } from './task.ts';
import { validateTask } from './task.ts';
import { validateTaskGroup } from './task-group.ts';

const allocationInfo = { role: '*' };
const framework: LaunchingFramework = {
  id: '<FRAMEWORK_1>' as FrameworkId,
  tasks: new Map(),
  unreachableTasks: new Map(),
};
const agent: LaunchingAgent = {
  id: '<AGENT_1>' as AgentId,
  capabilities: new Set<AgentInfo.Capability.Type>(['TASK_RESOURCE_LIMITS']),
  executors: new Map(),
};
const offered = Resources.of(
  parse('ports:[31000-32000];cpus:4;mem:4096;disk:10240').map(allocated),
);

function parse(text: string): Resource[] {
  const resources = Resources.parse(text);
  return resources.ok ? [...resources.value] : [];
}

function allocated(resource: Resource): Resource {
  return { allocationInfo, ...resource };
}

/** What the master completes before it validates. */
function completed(task: TaskInfo): TaskInfo {
  const { executor } = task;
  return {
    ...task,
    resources: (task.resources ?? []).map(allocated),
    ...(executor && { executor: completedExecutor(executor) }),
  };
}

function completedExecutor(executor: ExecutorInfo): ExecutorInfo {
  return {
    frameworkId: { value: framework.id },
    ...executor,
    resources: (executor.resources ?? []).map(allocated),
  };
}

function task(id: string, rest: Partial<TaskInfo> = {}): TaskInfo {
  return completed({
    name: id,
    taskId: { value: id },
    agentId: { value: agent.id },
    resources: parse('cpus:1;mem:32'),
    ...(rest.executor === undefined && { command: { value: 'true' } }),
    ...rest,
  });
}

function executor(id: string, rest: Partial<ExecutorInfo> = {}): ExecutorInfo {
  return completedExecutor({
    type: 'DEFAULT',
    executorId: { value: id },
    resources: parse('cpus:0.1;mem:32;disk:32'),
    ...rest,
  });
}

function running(info: ExecutorInfo): LaunchingAgent {
  const record = { info, resources: Resources.of(info.resources ?? []) };
  const id = info.executorId.value as ExecutorId;
  return { ...agent, executors: new Map([[framework.id, new Map([[id, record]])]]) };
}

interface Case {
  readonly rule: string;
  readonly task: unknown;
  readonly error: string | null;
}

describe('a task of LAUNCH', () => {
  const cases: Case[] = JSON.parse(
    readFileSync(new URL('./testdata/tasks.json', import.meta.url), 'utf8'),
  );

  test.each(cases)('is refused as by the real master: $rule', ({ task, error }) => {
    const info = fromJson(schema.TaskInfo, task);
    const invalid = validateOperationResources({ type: 'LAUNCH', launch: { taskInfos: [info] } });
    const ours = invalid ?? validateTask(completed(info), framework, agent, offered);
    expect(ours ?? null).toBe(error);
  });

  test('needs a fresh id', () => {
    const record = { task: { taskId: { value: 't' } } as Task, resources: Resources.empty };
    const tasks = new Map([['t' as TaskId, record]]);
    expect(validateTask(task('t'), { ...framework, tasks }, agent, offered)).toBe(
      'Task has duplicate ID: t',
    );
    expect(validateTask(task('t'), { ...framework, unreachableTasks: tasks }, agent, offered)).toBe(
      'Task reuses the ID of an unreachable task: t',
    );
  });

  test('pays for its executor only when that starts', () => {
    const custom = executor('e', {
      type: 'CUSTOM',
      command: { value: 'x' },
      resources: parse('cpus:3.5;mem:32'),
    });
    const info = task('t', { executor: custom });
    expect(validateTask(info, framework, agent, offered)).toContain(
      'Total resources cpus(allocated: *):4.5;',
    );
    expect(validateTask(info, framework, running(custom), offered)).toBeUndefined();
  });

  test('may not bring another executor under a known id', () => {
    const custom = executor('ex1', {
      type: 'CUSTOM',
      command: { value: 'sleep 600' },
      resources: parse('cpus:0.1'),
    });
    const other = { ...custom, command: { value: 'sleep 601' } };
    expect(
      validateTask(task('t', { executor: other }), framework, running(custom), offered),
    ).toMatchInlineSnapshot(`
      "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.
      ------------------------------------------------------------
      Existing ExecutorInfo:
      executor_id {
        value: "ex1"
      }
      resources {
        name: "cpus"
        type: SCALAR
        scalar {
          value: 0.1
        }
        allocation_info {
          role: "*"
        }
      }
      command {
        value: "sleep 600"
      }
      framework_id {
        value: "<FRAMEWORK_1>"
      }
      type: CUSTOM

      ------------------------------------------------------------
      ExecutorInfo:
      executor_id {
        value: "ex1"
      }
      resources {
        name: "cpus"
        type: SCALAR
        scalar {
          value: 0.1
        }
        allocation_info {
          role: "*"
        }
      }
      command {
        value: "sleep 601"
      }
      framework_id {
        value: "<FRAMEWORK_1>"
      }
      type: CUSTOM

      ------------------------------------------------------------
      "
    `);
  });

  test('may not use a port of its executor', () => {
    const custom = executor('e', {
      type: 'CUSTOM',
      command: { value: 'x' },
      resources: parse('cpus:0.1;ports:[31001-31001]'),
    });
    const info = task('t', { executor: custom, resources: parse('cpus:0.1;ports:[31000-31002]') });
    expect(validateTask(completed(info), framework, agent, offered)).toBe(
      'There are overlapping resources in the task resources cpus(allocated: *):0.1; ports(allocated: *):[31000-31002] and executor resources cpus(allocated: *):0.1; ports(allocated: *):[31001-31001]',
    );
  });
});

describe('a task group', () => {
  const pod = executor('pod');
  const inPod = (id: string, rest: Partial<TaskInfo> = {}) => ({
    ...task(id, rest),
    executor: pod,
  });
  const withCgroups = (shareCgroups: boolean) =>
    ({ container: { type: 'MESOS', linuxInfo: { shareCgroups } } }) as const;
  const validate = (tasks: TaskInfo[], info = pod, on = agent, offer = offered) =>
    validateTaskGroup({ tasks }, info, framework, on, offer);

  test('may run', () => {
    expect(validate([inPod('a'), inPod('b')])).toBeUndefined();
    expect(validate([])).toBeUndefined();
    expect(
      validate([inPod('a', { resources: parse('cpus:3.95;mem:32') })], pod, running(pod)),
    ).toBeUndefined();
  });

  test('is refused with the first reason', () => {
    const limits = { cpus: { value: 2 } };
    expect({
      'bad id': validate([inPod('a/b')]),
      'same id twice': validate([inPod('a'), inPod('a')]),
      'no executor': validate([task('a')]),
      'docker task': validate([
        inPod('a', { container: { type: 'DOCKER', docker: { image: 'x' } } }),
      ]),
      'network check': validate([
        inPod('a', {
          healthCheck: { type: 'TCP', tcp: { port: 80 } },
          container: { type: 'MESOS', networkInfos: [{ name: 'n' }] },
        }),
      ]),
      'limits with shared cgroups': validate([inPod('a', { limits })]),
      'limits with own cgroups': validate([inPod('a', { limits, ...withCgroups(false) })]),
      'mixed cgroups': validate([inPod('a', withCgroups(false)), inPod('b')]),
      'executor shares cgroups': validate([], executor('pod', withCgroups(true))),
      'no type': validate([], executor('pod', { type: undefined })),
      'default with command': validate([], executor('pod', { command: { value: 'x' } })),
      'default with image': validate(
        [],
        executor('pod', {
          container: { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: 'x' } } } },
        }),
      ),
      'other executor': validate([inPod('a')], executor('other')),
      'few cpus': validate([], executor('pod', { resources: parse('cpus:0.001;mem:32;disk:32') })),
      'little memory': validate(
        [],
        executor('pod', { resources: parse('cpus:0.1;mem:31.9;disk:32') }),
      ),
      'no memory': validate([], executor('pod', { resources: parse('cpus:0.1;disk:32') })),
      'no disk': validate([], executor('pod', { resources: parse('cpus:0.1;mem:32') })),
      'same port': validate([
        inPod('a', { resources: parse('ports:[31000-31000]') }),
        inPod('b', { resources: parse('ports:[31000-31000]') }),
      ]),
      'too much': validate([inPod('a', { resources: parse('cpus:4') })]),
    }).toMatchInlineSnapshot(`
      {
        "bad id": "Task 'a/b' is invalid: 'a/b' contains invalid characters",
        "default with command": "'ExecutorInfo.command' must not be set for 'DEFAULT' executor",
        "default with image": "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor",
        "docker task": "Task 'a' is invalid: Docker ContainerInfo is not supported on the task",
        "executor shares cgroups": "The 'share_cgroups' field cannot be set to 'true' on executor containers",
        "few cpus": "Executor 'pod' uses less CPUs (0.001) than the minimum required (0.01)",
        "limits with own cgroups": undefined,
        "limits with shared cgroups": "Task 'a' is invalid: Resource limits may only be set for tasks within a task group when the 'share_cgroups' field is set to 'false'.",
        "little memory": "Executor 'pod' uses less memory (31MB) than the minimum required (32MB)",
        "mixed cgroups": "If set, the value of 'share_cgroups' must be the same for all tasks in each task group and under a single executor",
        "network check": "Task 'a' is invalid: HTTP and TCP health checks are not supported for nested containers not joining parent's network",
        "no disk": "Executor 'pod' uses no disk",
        "no executor": "Task 'a' is invalid: 'TaskInfo.executor' must be set",
        "no memory": "Executor 'pod' uses less memory (None) than the minimum required (32MB)",
        "no type": "'ExecutorInfo.type' must be set",
        "other executor": "The \`ExecutorInfo\` of task 'a' is different from executor 'other'",
        "same id twice": "Task 'a' is invalid: Task has duplicate ID: a",
        "same port": "There are overlapping resources in the task group's task resources [ ports(allocated: *):[31000-31000], ports(allocated: *):[31000-31000] ] and/or executor resources cpus(allocated: *):0.1; mem(allocated: *):32; disk(allocated: *):32",
        "too much": "Total resources cpus(allocated: *):4.1; mem(allocated: *):32; disk(allocated: *):32 required by task group and its executor are more than available ports(allocated: *):[31000-32000]; cpus(allocated: *):4; mem(allocated: *):4096; disk(allocated: *):10240",
      }
    `);
  });
});
