import { formatDuration } from '@mesita/sdk/base';
import { parseAttributes, parseResources, validateRole } from '@mesita/sdk/resources';
import { parseIsolation, planIsolators } from '../../containerizer/mesos/isolation.ts';
import { checkAuthorizer } from '../../flags/authorizer.ts';
import { readCredential, readCredentials } from '../../flags/credentials.ts';
import { checkElectionUrl, checkModule } from '../../flags/election.ts';
import { onlyOneOf } from '../../flags/exclusive.ts';
import type { FlagValues } from '../../flags/flag.ts';
import { checkLogging } from '../../flags/logging.ts';
import type { Check } from '../../flags/startup.ts';
import { ISOLATORS } from './isolation.ts';
import type { agentSpec } from './spec.ts';

type AgentCheck = Check<FlagValues<typeof agentSpec>>;

const ONE_MINUTE_MS = 60_000;
const NOT_SUPPORTED = 'is not supported yet';

const checkMaster: AgentCheck = ({ master, masterDetector }) => {
  if (master === undefined && masterDetector === undefined) {
    return 'Missing required option `--master` or `--master_detector`';
  }
  return onlyOneOf(['`--master`', master], ['`--master_detector`', masterDetector]);
};

/** Better said now than found out by waiting. */
const checkMasterAddress: AgentCheck = (flags) => {
  const failed = 'Failed to create a master detector';
  const { master } = flags;
  if (master === undefined) return checkModule(failed, flags.masterDetector, flags);
  if (/^(master@)?[^\s:@/]+:\d{1,5}$/.test(master.trim())) return undefined;
  return checkElectionUrl(failed, master);
};

const checkAddresses: AgentCheck = (flags) =>
  onlyOneOf(['`--ip`', flags.ip], ['`--ip_discovery_command`', flags.ipDiscoveryCommand]) ??
  onlyOneOf(['`--ip6`', flags.ip6], ['`--ip6_discovery_command`', flags.ip6DiscoveryCommand]);

const checkModules: AgentCheck = (flags) =>
  onlyOneOf(['--modules', flags.modules], ['--modules_dir', flags.modulesDir]);

const checkAttributes: AgentCheck = ({ attributes }) => {
  const parsed = parseAttributes(attributes ?? '');
  return parsed.ok ? undefined : parsed.error;
};

const checkAuthorization: AgentCheck = ({ authorizer, acls, modules, modulesDir }) =>
  checkAuthorizer(authorizer, acls, modules !== undefined || modulesDir !== undefined);

const checkAuthentication: AgentCheck = (flags, _warn, readFile) => {
  const { credential, httpCredentials, jwtSecretKey, authenticateHttpExecutors } = flags;
  const own = credential === undefined ? undefined : readCredential(credential, readFile);
  if (own && !own.ok) return own.error;
  const others =
    httpCredentials === undefined
      ? undefined
      : readCredentials('http_credentials', httpCredentials, readFile);
  if (others && !others.ok) return others.error;
  if (jwtSecretKey === undefined) {
    return authenticateHttpExecutors
      ? '--jwt_secret_key must be specified when --authenticate_http_executors is set to true'
      : undefined;
  }
  return readFile(jwtSecretKey).ok
    ? undefined
    : 'Failed to read the file specified by --jwt_secret_key';
};

const checkContainerizers: AgentCheck = ({ containerizers }) => {
  const failed = 'Failed to create a containerizer: ';
  const names = containerizers.split(',');
  if (new Set(names).size < names.length) {
    return `${failed}Duplicate entries found in --containerizer flag '${containerizers}'`;
  }
  const unknown = names.find((name) => name !== 'mesos' && name !== 'docker');
  if (unknown !== undefined) return `${failed}Unknown or unsupported containerizer: ${unknown}`;
  return names.includes('docker') ? `Containerizer 'docker' ${NOT_SUPPORTED}` : undefined;
};

const checkIsolation: AgentCheck = ({ isolation, launcher, modules, modulesDir }) => {
  const failed = 'Failed to create a containerizer: Could not create MesosContainerizer: ';
  try {
    planIsolators(isolation);
  } catch (error) {
    return failed + (error as Error).message;
  }
  for (const name of parseIsolation(isolation)) {
    if (!Object.hasOwn(ISOLATORS, name)) {
      // With modules, only loading them tells.
      if (modules !== undefined || modulesDir !== undefined) continue;
      return `${failed}Unknown or unsupported isolator '${name}'`;
    }
    if (!ISOLATORS[name]) return `Isolator '${name}' ${NOT_SUPPORTED}`;
    if (name.startsWith('cgroups/') && launcher === 'posix') {
      return `${failed}Failed to create isolator '${name}': The 'linux' launcher must be used to enable cgroups isolators`;
    }
  }
  return undefined;
};

const checkLauncher: AgentCheck = ({ launcher }) => {
  // What the host lacks for it is found when it is made.
  if (launcher === 'posix' || launcher === 'linux' || launcher === 'windows') return undefined;
  return `Failed to create a containerizer: Could not create MesosContainerizer: Failed to create launcher: Unknown or unsupported launcher: ${launcher}`;
};

const checkImages: AgentCheck = ({ imageProviders, isolation, launcher }) => {
  if (imageProviders === undefined) return undefined;
  const failed = 'Failed to create a containerizer: Could not create MesosContainerizer: ';
  if (!parseIsolation(isolation).includes('filesystem/linux')) {
    return `${failed}The 'filesystem/linux' isolator must be enabled for container image support`;
  }
  return launcher === 'linux'
    ? undefined
    : `${failed}The 'linux' launcher must be used for container image support`;
};

const checkRanges: AgentCheck = ({ registrationBackoffFactor, gcDiskHeadroom }) => {
  if (registrationBackoffFactor > ONE_MINUTE_MS) {
    return `Invalid value '${formatDuration(registrationBackoffFactor)}' for --registration_backoff_factor: Must be less than 1mins`;
  }
  if (gcDiskHeadroom >= 0 && gcDiskHeadroom <= 1) return undefined;
  return `Invalid value '${gcDiskHeadroom}' for --gc_disk_headroom. Must be between 0.0 and 1.0`;
};

const checkResources: AgentCheck = ({ resources, defaultRole }) => {
  const parsed = parseResources(resources ?? '', defaultRole);
  const failed = 'Failed to determine agent resources: ';
  if (!parsed.ok) return failed + parsed.error;
  for (const { reservations } of parsed.value) {
    for (const { role } of reservations ?? []) {
      // The default role is not looked at: only what was written is.
      const complaint = role === defaultRole ? undefined : validateRole(role ?? '');
      if (complaint !== undefined) return failed + complaint;
    }
  }
  return undefined;
};

const checkWords: AgentCheck = ({ recover, reconfigurationPolicy }) => {
  if (recover !== 'reconnect' && recover !== 'cleanup') {
    return `Unknown option for 'recover' flag ${recover}. Please run the agent with '--help' to see the valid options`;
  }
  if (reconfigurationPolicy === 'equal' || reconfigurationPolicy === 'additive') return undefined;
  return `Unknown option for 'reconfiguration_policy' flag ${reconfigurationPolicy}. Please run the agent with '--help' to see the valid options.`;
};

export const agentChecks: readonly AgentCheck[] = [
  checkLogging,
  checkMaster,
  checkAddresses,
  checkModules,
  checkContainerizers,
  checkIsolation,
  checkLauncher,
  checkImages,
  checkMasterAddress,
  checkAuthorization,
  checkAuthentication,
  checkRanges,
  checkResources,
  checkAttributes,
  checkWords,
];
