// An agent's flags as what its core is told.
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { unwrap } from '@mesita/sdk/base';
import { parseAttributes, parseResources, Resources } from '@mesita/sdk/resources';
import type { AgentOptions } from '../agent/agent.ts';
import type { CollectionPolicy } from '../agent/driver/garbage.ts';
import type { AgentFlags } from '../agent/flags.ts';
import { readNvidiaDriver } from '../linux/nvidia-driver.ts';
import { type Daemon, mesosVersion } from './daemon.ts';

export function agentConfig(daemon: Daemon<AgentFlags>): AgentOptions['config'] {
  const { flags, address } = daemon;
  const resources = completeResources(flags);
  return {
    info: {
      hostname: address.hostname,
      port: address.port,
      resources: resources.toMessages('post'),
      attributes:
        flags.attributes === undefined ? undefined : unwrap(parseAttributes(flags.attributes)),
      domain: flags.domain,
    },
    version: mesosVersion,
    workDir: flags.workDir,
    launcherDir: flags.launcherDir,
    sandboxDirectory: flags.sandboxDirectory,
    switchUser: flags.switchUser,
    recover: flags.recover === 'cleanup' ? 'cleanup' : 'reconnect',
    registrationBackoffMs: flags.registrationBackoffFactor,
    executorRegistrationTimeoutMs: flags.executorRegistrationTimeout,
    executorReregistrationTimeoutMs: flags.executorReregistrationTimeout,
    executorShutdownGraceMs: flags.executorShutdownGracePeriod,
    recoveryTimeoutMs: flags.recoveryTimeout,
    gcDelayMs: flags.gcDelay,
    maxCompletedExecutors: flags.maxCompletedExecutorsPerFramework,
    httpCommandExecutor: flags.httpCommandExecutor,
    executorEnvironment: executorEnvironment(daemon),
    defaultContainerInfo: undefined,
    oversubscription: {
      estimateIntervalMs: flags.oversubscribedResourcesInterval,
      correctionIntervalMs: flags.qosCorrectionIntervalMin,
    },
  };
}

export function collectionPolicy(flags: AgentFlags): CollectionPolicy {
  return {
    delayMs: flags.gcDelay,
    diskHeadroom: flags.gcDiskHeadroom,
    watchIntervalMs: flags.diskWatchInterval,
    innerSandboxes: flags.gcNonExecutorContainerSandboxes,
  };
}

/** `--resources`, and of cpus, mem, disk, ports and gpus what it does not name, as the machine has it. */
function completeResources(flags: AgentFlags): Resources {
  const given = unwrap(parseResources(flags.resources ?? '', flags.defaultRole));
  const named = new Set(given.map((r) => r.name));
  const detected: readonly [string, () => string | undefined][] = [
    ['cpus', () => String(availableParallelism())],
    ['mem', () => withReserve(totalmem() / megabyte, 1024)],
    ['disk', () => withReserve(diskMegabytes(flags.workDir), 5 * 1024)],
    ['ports', () => '[31000-32000]'],
    ['gpus', () => countGpus(flags.isolation)],
  ];
  const missing = detected.flatMap(([name, amount]) => {
    const text = named.has(name) ? undefined : amount();
    return text === undefined ? [] : [`${name}:${text}`];
  });
  const found = unwrap(Resources.parse(missing.join(';'), flags.defaultRole));
  return Resources.of(given).add(found);
}

const megabyte = 1024 * 1024;

/** Only who can give them out has them. */
function countGpus(isolation: string): string | undefined {
  const isIsolated = isolation.split(',').includes('gpu/nvidia');
  const count = isIsolated ? (readNvidiaDriver()?.gpus.length ?? 0) : 0;
  return count > 0 ? String(count) : undefined;
}

/** Mesos leaves the system its part, or half of a small machine. */
function withReserve(megabytes: number, reserve: number): string | undefined {
  const rest = megabytes > 2 * reserve ? megabytes - reserve : megabytes / 2;
  return rest >= 1 ? String(Math.floor(rest)) : undefined;
}

function diskMegabytes(path: string): number {
  try {
    const { blocks, bsize } = statfsSync(path);
    return (blocks * bsize) / megabyte;
  } catch {
    // The work directory is made later; its parent's disk will hold it.
    const parent = dirname(path);
    return parent === path ? 0 : diskMegabytes(parent);
  }
}

/** Nothing of the agent's own but the address it was told to bind, which the flag may replace. */
function executorEnvironment({ flags, bindIp }: Daemon<AgentFlags>): Record<string, string> {
  return {
    ...(bindIp !== undefined && { LIBPROCESS_IP: bindIp }),
    ...(flags.executorEnvironmentVariables as Readonly<Record<string, string>> | undefined),
  };
}
