import { defineModule, param, type ResourceEstimator, type Usage } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';

/** Lends a fixed amount, whatever the machine does. */
export const fixedResourceEstimator = defineModule({
  kind: 'ResourceEstimator',
  name: 'org_apache_mesos_FixedResourceEstimator',
  description: 'Lends a fixed amount of resources',
  parameters: {
    resources: param.resources({ required: true, help: 'What is lent: cpus:8;mem:4096' }),
  },
  create(_context, { resources }): ResourceEstimator {
    const total = Resources.of(resources.map((resource) => ({ ...resource, revocable: {} })));
    let usage: Usage = async () => ({});
    return {
      initialize(ask) {
        usage = ask;
      },
      async oversubscribable() {
        const { executors = [] } = await usage();
        const allocated = Resources.of(executors.flatMap((executor) => executor.allocated ?? []));
        return total.subtract(allocated.revocable().unallocate());
      },
    };
  },
});
