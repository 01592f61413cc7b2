// Labels every task that an agent runs, and its updates; tells each executor that it did.
import { defineModule, type Hook, param } from '@mesita/sdk/module';
import type { Labels } from '@mesita/sdk/types';

export default defineModule({
  kind: 'Hook',
  name: 'TestTaskHook',
  description: 'Puts a label on every task',
  parameters: {
    key: param.string({ default: 'hooked-by', help: 'Key of the label.' }),
    value: param.string({ default: 'TestTaskHook', help: 'Its value.' }),
  },
  create({ log, metrics }, { key, value }): Hook {
    const tasks = metrics.counter('tasks');
    const add = (labels: Labels | undefined): Labels => ({
      labels: [...(labels?.labels ?? []), { key, value }],
    });
    return {
      agentRunTaskLabelDecorator(task) {
        tasks.increment();
        log.info('labelling task', { taskId: task.taskId.value });
        return add(task.labels);
      },
      agentTaskStatusDecorator: (_framework, status) => ({ ...status, labels: add(status.labels) }),
      agentExecutorEnvironmentDecorator: ({ command }) => ({
        variables: [
          ...(command?.environment?.variables ?? []),
          { name: 'HOOKED_BY', type: 'VALUE', value },
        ],
      }),
    };
  },
});
