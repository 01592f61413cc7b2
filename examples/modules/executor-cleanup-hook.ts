// Runs one command when an executor is gone: frees what it held outside of its sandbox.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { defineModule, type Hook, param } from '@mesita/sdk/module';

const execute = promisify(execFile);

export default defineModule({
  kind: 'Hook',
  name: 'org_example_ExecutorCleanup',
  description: 'Runs a command when an executor is gone',
  parameters: {
    command: param.string({
      required: true,
      help: 'Finds $FRAMEWORK_ID and $EXECUTOR_ID in its environment.',
    }),
    timeout: param.duration({ default: '3secs', help: 'Then it is killed.' }),
  },
  create({ log, metrics }, { command, timeout }): Hook {
    const cleaned = metrics.counter('executors_cleaned');
    return {
      async agentRemoveExecutor(framework, { executorId }) {
        const env = {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          FRAMEWORK_ID: framework.id?.value ?? '',
          EXECUTOR_ID: executorId.value,
        };
        await execute('sh', ['-c', command], { env, timeout, killSignal: 'SIGKILL' });
        cleaned.increment();
        log.info('cleaned up', { executorId: executorId.value });
      },
    };
  },
});
