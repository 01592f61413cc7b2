import type { FlagValues } from '../flags/flag.ts';
import type { Program } from '../flags/startup.ts';
import { masterChecks } from './flags/checks.ts';
import { masterSpec } from './flags/spec.ts';

export {
  parseMinAllocatable,
  parsePercentage,
  parseRateLimit,
  parseWeights,
} from './flags/values.ts';

export type MasterFlags = FlagValues<typeof masterSpec>;

export const masterProgram: Program<typeof masterSpec> = {
  name: 'mesos-master',
  summary:
    'Keeps the books of a cluster: admits agents and frameworks, offers the resources of the former to the latter, and forwards what they tell each other.',
  examples: [
    [
      'mesos-master --work_dir=/var/lib/mesos/master --cluster=home',
      'a master on port 5050 of every address',
    ],
    [
      'mesos-master --ip=127.0.0.1 --port=0 --registry=in_memory',
      'a master for an experiment: a free port, and nothing kept',
    ],
    ['MESOS_WORK_DIR=/var/lib/mesos/master mesos-master', 'the same flag, from the environment'],
  ],
  spec: masterSpec,
  checks: masterChecks,
  prefix: 'MESOS_',
};
