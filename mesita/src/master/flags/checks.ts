import { formatDuration } from '@mesita/sdk/base';
import { parseRoles } from '@mesita/sdk/resources';
import { checkAuthorizer } from '../../flags/authorizer.ts';
import { readCredentials } from '../../flags/credentials.ts';
import { checkElectionUrl, checkModule } from '../../flags/election.ts';
import { onlyOneOf } from '../../flags/exclusive.ts';
import type { FlagValues } from '../../flags/flag.ts';
import { checkLogging } from '../../flags/logging.ts';
import type { Check } from '../../flags/startup.ts';
import type { masterSpec } from './spec.ts';
import { parseMinAllocatable, parsePercentage, parseRateLimit, parseWeights } from './values.ts';

type MasterCheck = Check<FlagValues<typeof masterSpec>>;

const TEN_MINUTES_MS = 600_000;

const checkAddresses: MasterCheck = (flags) =>
  onlyOneOf(['`--ip`', flags.ip], ['`--ip_discovery_command`', flags.ipDiscoveryCommand]);

const checkElection: MasterCheck = ({ zk, etcd, masterContender, masterDetector }) => {
  if (etcd !== undefined && (zk ?? masterContender ?? masterDetector) !== undefined) {
    return 'Only one of --etcd, --zk or the --master_contender/--master_detector pair should be specified.';
  }
  if (zk === undefined) {
    if ((masterContender === undefined) === (masterDetector === undefined)) return undefined;
    return 'Both --master_contender and --master_detector should be specified or omitted.';
  }
  if (masterContender === undefined && masterDetector === undefined) return undefined;
  return 'Only one of --zk or the --master_contender/--master_detector pair should be specified.';
};

const checkModules: MasterCheck = (flags) =>
  onlyOneOf(['--modules', flags.modules], ['--modules_dir', flags.modulesDir]);

const checkAllocator: MasterCheck = (flags) => {
  const { allocator, roleSorter, frameworkSorter } = flags;
  const failed = `Failed to create allocator '${allocator}': `;
  if (allocator !== 'hierarchical' && allocator !== 'HierarchicalDRF') {
    // With modules, only loading them tells.
    const hasModules = flags.modules !== undefined || flags.modulesDir !== undefined;
    return hasModules ? undefined : `${failed}Module '${allocator}' unknown`;
  }
  const isKnown = roleSorter === 'drf' || roleSorter === 'random';
  if (isKnown && roleSorter === frameworkSorter) return undefined;
  return `${failed}Unsupported combination of 'role_sorter' and 'framework_sorter': must be equal (for now)`;
};

const checkRegistry: MasterCheck = (flags) => {
  const { registry, workDir, zk, etcd, quorum } = flags;
  if (registry === 'in_memory') return undefined;
  if (!flags.logAutoInitialize) {
    return '--no-log_auto_initialize is not supported: there is no replicated log to initialise by hand; leave the flag out, and an empty registry begins by itself';
  }
  if (registry === 'zookeeper') {
    return zk === undefined ? '--registry=zookeeper needs --zk' : undefined;
  }
  if (registry === 'etcd') return etcd === undefined ? '--registry=etcd needs --etcd' : undefined;
  if (!['local', 'replicated_log', 'log_storage'].includes(registry)) {
    return `'${registry}' is not a supported option for registry persistence`;
  }
  if (workDir === undefined) return '--work_dir needed for replicated log based registry';
  // Whoever has Mesos' command lines has it there.
  if (zk === undefined || quorum !== undefined || registry === 'local') return undefined;
  return 'Need to specify --quorum for replicated log based registry when using ZooKeeper';
};

const checkContender: MasterCheck = (flags) => {
  const failed = 'Failed to create a master contender';
  if (flags.zk !== undefined) return checkElectionUrl(failed, flags.zk, ['zk']);
  return checkModule(failed, flags.masterContender, flags);
};

const checkAuthorizers: MasterCheck = ({ authorizers, acls, modules, modulesDir }) => {
  if (authorizers === '') return 'No authorizer specified';
  if (authorizers.includes(',')) return 'Multiple authorizers not supported';
  return checkAuthorizer(authorizers, acls, modules !== undefined || modulesDir !== undefined);
};

const checkAgents: MasterCheck = (flags) => {
  const { agentRemovalRateLimit, agentReregisterTimeout, recoveryAgentRemovalLimit } = flags;
  if (agentRemovalRateLimit !== undefined) {
    const limit = parseRateLimit(agentRemovalRateLimit);
    if (!limit.ok) return limit.error;
  }
  if (agentReregisterTimeout < TEN_MINUTES_MS) {
    return `Invalid value '${formatDuration(agentReregisterTimeout)}' for --agent_reregister_timeout: Must be at least 10mins`;
  }
  const share = parsePercentage(recoveryAgentRemovalLimit);
  return share.ok ? undefined : share.error;
};

const checkAuthentication: MasterCheck = (flags, warn, readFile) => {
  if (flags.credentials === undefined) {
    warn('No credentials provided, authentication requests will be refused');
  } else {
    const credentials = readCredentials('credentials', flags.credentials, readFile);
    if (!credentials.ok) return credentials.error;
  }
  if (flags.authenticators.includes(',')) return 'Multiple authenticators not supported';
  if (!flags.authenticateHttpFrameworks || flags.httpFrameworkAuthenticators !== undefined) {
    return undefined;
  }
  return 'Missing `--http_framework_authenticators` flag. This must be used in conjunction with `--authenticate_http_frameworks`';
};

const checkRateLimits: MasterCheck = ({ rateLimits }) => {
  const principals = new Set<string>();
  for (const { principal, qps } of rateLimits?.limits ?? []) {
    if (principals.has(principal)) {
      return `Duplicate principal ${principal} found in RateLimits configuration`;
    }
    principals.add(principal);
    if (qps !== undefined && qps <= 0) return `Invalid qps: ${qps}. It must be a positive number`;
  }
  const qps = rateLimits?.aggregateDefaultQps;
  if (qps === undefined || qps > 0) return undefined;
  return `Invalid aggregate_default_qps: ${qps}. It must be a positive number`;
};

const checkRoles: MasterCheck = ({ roles, weights }, warn) => {
  let whitelist: ReadonlySet<string> | undefined;
  if (roles !== undefined) {
    warn(
      "The '--roles' flag is deprecated. This flag will be removed in the future. See the Mesos 0.27 upgrade notes for more information",
    );
    const parsed = parseRoles(roles);
    if (!parsed.ok) return `Failed to parse roles: ${parsed.error}`;
    whitelist = new Set([...parsed.value, '*']);
    if (new Set(parsed.value).size < parsed.value.length) {
      warn(`Duplicate values in '--roles': ${roles}`);
    }
  }
  if (weights === undefined) return undefined;
  const parsed = parseWeights(weights, whitelist);
  return parsed.ok ? undefined : parsed.error;
};

const FIRST_CLASS_RESOURCES = new Set(['cpus', 'mem', 'disk', 'ports', 'gpus']);

const checkOffers: MasterCheck = ({ offerTimeout, minAllocatableResources }, warn) => {
  if (offerTimeout !== undefined && offerTimeout <= 0) {
    return `Invalid value '${formatDuration(offerTimeout)}' for --offer_timeout: Must be greater than zero`;
  }
  const alternatives = parseMinAllocatable(minAllocatableResources);
  if (!alternatives.ok) return alternatives.error;
  for (const [name] of alternatives.value.flatMap((quantities) => [...quantities])) {
    if (FIRST_CLASS_RESOURCES.has(name)) continue;
    warn(`Non-first-class resource '${name}' is configured as part of min_allocatable_resources`);
  }
  return undefined;
};

export const masterChecks: readonly MasterCheck[] = [
  checkLogging,
  checkAddresses,
  checkElection,
  checkModules,
  checkAllocator,
  checkRegistry,
  checkContender,
  checkAuthorizers,
  checkAgents,
  checkAuthentication,
  checkRateLimits,
  checkRoles,
  checkOffers,
];
