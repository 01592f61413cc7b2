import type { AgentId } from '@mesita/sdk/base';
import type { FrameworkInfo, Task, TaskStatus } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import type { Framework } from './framework.ts';

/** What the operator API's event stream tells, in the core's own terms. */
export type OperatorEvent =
  | { readonly type: 'TASK_ADDED'; readonly task: Task; readonly framework: FrameworkInfo }
  | {
      readonly type: 'TASK_UPDATED';
      readonly task: Task;
      readonly status: TaskStatus;
      readonly framework: FrameworkInfo;
    }
  | { readonly type: 'AGENT_ADDED'; readonly agent: Agent }
  | { readonly type: 'AGENT_REMOVED'; readonly agentId: AgentId }
  | { readonly type: 'FRAMEWORK_ADDED'; readonly framework: Framework }
  | { readonly type: 'FRAMEWORK_UPDATED'; readonly framework: Framework }
  | { readonly type: 'FRAMEWORK_REMOVED'; readonly info: FrameworkInfo };
