import { commonFlags } from '../../flags/common.ts';
import { loggingFlags } from '../../flags/logging.ts';
import { addressFlags } from './addresses.ts';
import { agentFlags as basicFlags, recoveryFlags } from './agent.ts';
import { containerFlags, executorFlags } from './containers.ts';
import { dockerFlags, imageFlags } from './docker.ts';
import { collectionFlags, fetcherFlags } from './fetcher.ts';
import { cgroupFlags, linuxFlags } from './linux.ts';
import { moduleFlags } from './modules.ts';
import { networkFlags, portMappingFlags } from './network.ts';
import { securityFlags } from './security.ts';

/** Every flag of the agent, in the order of the help. */
export const agentSpec = {
  ...basicFlags,
  ...addressFlags,
  ...recoveryFlags,
  ...containerFlags,
  ...executorFlags,
  ...fetcherFlags,
  ...collectionFlags,
  ...cgroupFlags,
  ...linuxFlags,
  ...networkFlags,
  ...portMappingFlags,
  ...dockerFlags,
  ...imageFlags,
  ...securityFlags,
  ...moduleFlags,
  ...loggingFlags,
  ...commonFlags,
};
