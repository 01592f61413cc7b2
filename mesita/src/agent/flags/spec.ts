import { commonFlags } from '../../flags/common.ts';
import { loggingFlags } from '../../flags/logging.ts';
import { pageFlags } from '../../flags/pages.ts';
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
  ...pageFlags,
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
