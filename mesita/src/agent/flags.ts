import { join } from 'node:path';
import type { FlagValues } from '../flags/flag.ts';
import type { Program } from '../flags/startup.ts';
import { agentChecks } from './flags/checks.ts';
import { agentSpec } from './flags/spec.ts';

export type AgentFlags = FlagValues<typeof agentSpec>;

export const agentProgram: Program<typeof agentSpec> = {
  name: 'mesos-agent',
  summary:
    "Runs a machine's share of the cluster: tells the master what the machine has, starts what frameworks launch there, and reports on it.",
  examples: [
    [
      'mesos-agent --master=10.0.0.1:5050 --work_dir=/var/lib/mesos/agent',
      'an agent on port 5051 that offers all of the machine',
    ],
    [
      "mesos-agent --master=10.0.0.1:5050 --work_dir=/tmp/agent --resources='cpus:2;mem:1024' --attributes='rack:r1'",
      'a smaller one, with an attribute',
    ],
  ],
  spec: agentSpec,
  checks: agentChecks,
  prefix: 'MESOS_',
};

interface AgentHost {
  readonly tempDir: string;
  /** May the agent write to `/var/run`? */
  readonly isRoot: boolean;
  /** Where the helper programs lie. */
  readonly launcherDir: string;
  /** What the host can do. */
  readonly launcher: 'linux' | 'posix';
}

/** Defaults that depend on the host. */
export function agentDefaults({ tempDir, isRoot, launcherDir, launcher }: AgentHost) {
  return {
    runtime_dir: isRoot ? '/var/run/mesos' : join(tempDir, 'mesos', 'runtime'),
    launcher_dir: launcherDir,
    launcher,
    fetcher_cache_dir: join(tempDir, 'mesos', 'fetch'),
    appc_store_dir: join(tempDir, 'mesos', 'store', 'appc'),
    docker_store_dir: join(tempDir, 'mesos', 'store', 'docker'),
  };
}
