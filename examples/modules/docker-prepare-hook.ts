// Tells Docker tasks where they run, and lets their executors use the host's proxy.
import { hostname } from 'node:os';
import { defineModule, type Hook, param } from '@mesita/sdk/module';
import type { Environment } from '@mesita/sdk/types';

export default defineModule({
  kind: 'Hook',
  name: 'org_example_DockerPrepare',
  description: 'Adds variables to Docker tasks and their executors',
  parameters: {
    proxy: param.string({ help: 'Value of HTTP_PROXY for executors, who fetch for the task.' }),
  },
  create({ log }, { proxy }): Hook {
    const variables = (values: Readonly<Record<string, string>>): Environment => ({
      variables: Object.entries(values).map(([name, value]) => ({ name, type: 'VALUE', value })),
    });
    return {
      agentPreLaunchDockerTaskExecutorDecorator({ task, containerName, environment }) {
        // A custom executor launches its tasks itself.
        if (!task) return undefined;
        log.info('preparing a Docker task', { taskId: task.taskId.value, containerName });
        return {
          taskEnvironment: variables({ HOST: environment?.HOST ?? hostname() }),
          ...(proxy !== undefined && { executorEnvironment: variables({ HTTP_PROXY: proxy }) }),
        };
      },
    };
  },
});
