import type { Hook } from '../kinds/index.ts';
import { type Call, type KindCalls, request } from './call.ts';
import { list, message, nothing, object, optional, record, resources, text } from './shape.ts';

const task = message('mesos.TaskInfo');
const framework = message('mesos.FrameworkInfo');
const executor = message('mesos.ExecutorInfo');
const agent = message('mesos.AgentInfo');
const labels = optional(message('mesos.Labels'));

// An error reaches whoever asks the hooks: it is logged there, and the decorated thing kept.
const methods: Record<keyof Hook, Call> = {
  masterLaunchTaskResourceDecorator: request({ task, agentTotal: resources }, optional(resources)),
  masterLaunchTaskLabelDecorator: request({ task, framework, agent }, labels),
  masterAgentLost: request({ agent }, nothing),
  agentRunTaskLabelDecorator: request({ task, executor, framework, agent }, labels),
  agentExecutorEnvironmentDecorator: request({ executor }, optional(message('mesos.Environment'))),
  agentPreLaunchDockerTaskExecutorDecorator: request(
    {
      input: object({
        task: optional(task),
        executor,
        containerName: text,
        workDirectory: text,
        sandboxDirectory: text,
        environment: optional(record(text)),
      }),
    },
    optional(message('hook.DockerTaskExecutorPrepareInfo')),
    { deadlineMs: 60_000 },
  ),
  agentPostFetch: request({ container: message('mesos.ContainerID'), directory: text }, nothing),
  agentTaskStatusDecorator: request(
    { framework: message('mesos.FrameworkID'), status: message('mesos.TaskStatus') },
    optional(message('mesos.TaskStatus')),
  ),
  agentRemoveExecutor: request({ framework, executor }, nothing),
  agentResourcesDecorator: request({ agent }, optional(resources)),
  agentAttributesDecorator: request({ agent }, optional(list(message('mesos.Attribute')))),
};

export const hookCalls: KindCalls = { methods, callbacks: {}, properties: {} };
