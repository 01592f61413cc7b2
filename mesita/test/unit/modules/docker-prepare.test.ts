// The hooks before a Docker container is launched, from what the agent asks to what the container and
// its task then have. The Docker containerizer will be the one who does both.
import { createTestContext, type Hook } from '@mesita/sdk/module';
import { expect, test } from 'vitest';
import { applyPrepareInfo } from '../../../src/containerizer/docker/prepare-info.ts';
import { createHooks } from '../../../src/hooks/hooks.ts';

type Input = Parameters<NonNullable<Hook['agentPreLaunchDockerTaskExecutorDecorator']>>[0];

const variable = (name: string, value: string) => ({ name, value });

test('§6.6 all see the same input at once; later variables win; a custom executor has them all', async () => {
  const seen: string[] = [];
  let asked = 0;
  let wake: () => void = () => {};
  const bothAsked = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const hook = (name: string): Hook => ({
    async agentPreLaunchDockerTaskExecutorDecorator({ containerName, environment }) {
      seen.push(`${name} ${containerName} ${JSON.stringify(environment)}`);
      asked += 1;
      if (asked === 2) wake();
      // Each is asked before any has answered.
      await bothAsked;
      return {
        executorEnvironment: { variables: [variable('WHO', name), variable(name, '1')] },
        taskEnvironment: { variables: [variable('TASK', name)] },
      };
    },
  });
  const { log } = createTestContext().context;
  const installed = ['a', 'b'].map((name) => ({ name, hook: hook(name) }));
  const hooks = createHooks(installed, { log, onFailure: () => {} });
  const environment = { OWN: '0', WHO: 'nobody' };
  const input: Input = {
    ...{ task: undefined, executor: { executorId: { value: 'e' } }, containerName: 'mesos-1' },
    ...{ workDirectory: '/work', sandboxDirectory: '/mnt/mesos/sandbox', environment },
  };
  const info = await hooks.dockerPrepare(input);
  expect({
    seen,
    custom: applyPrepareInfo(environment, info, false),
    command: applyPrepareInfo(environment, info, true),
  }).toEqual({
    seen: ['a', 'b'].map((name) => `${name} mesos-1 {"OWN":"0","WHO":"nobody"}`),
    custom: { container: { OWN: '0', WHO: 'b', a: '1', b: '1', TASK: 'b' }, task: undefined },
    command: { container: { OWN: '0', WHO: 'b', a: '1', b: '1' }, task: { TASK: 'b' } },
  });
});
