import { commonFlags } from '../../flags/common.ts';
import { loggingFlags } from '../../flags/logging.ts';
import { pageFlags } from '../../flags/pages.ts';
import { addressFlags } from './addresses.ts';
import { agentFlags } from './agents.ts';
import { allocationFlags } from './allocation.ts';
import { moduleFlags } from './modules.ts';
import { electionFlags, registryFlags } from './registry.ts';
import { securityFlags } from './security.ts';
import { stateFlags } from './state.ts';

/** Every flag of the master, in the order of the help. */
export const masterSpec = {
  ...addressFlags,
  ...pageFlags,
  ...electionFlags,
  ...registryFlags,
  ...agentFlags,
  ...allocationFlags,
  ...stateFlags,
  ...securityFlags,
  ...moduleFlags,
  ...loggingFlags,
  ...commonFlags,
};
