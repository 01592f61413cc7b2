import type { AgentID, FrameworkInfo, TaskInfo } from '@mesita/sdk/types';

export function framework(name: string): FrameworkInfo {
  return { user: 'root', name, failoverTimeout: 600 };
}

export function commandTask(id: string, agentId: AgentID, command: string): TaskInfo {
  return {
    name: id,
    taskId: { value: id },
    agentId,
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 0.01 } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 1 } },
    ],
    command: { value: command },
  };
}
