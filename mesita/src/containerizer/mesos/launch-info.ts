import { err, ok, type Result } from '@mesita/sdk/base';
import type { CommandInfo, Environment } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerLaunchInfo } from '@mesita/sdk/types/containerizer';
import { mergeMessages } from './merge-messages.ts';

export interface IsolatorLaunchInfo {
  readonly isolator: string;
  readonly info: ContainerLaunchInfo;
}

export interface MergeInput {
  readonly config: ContainerConfig;
  /** In the isolators' order. */
  readonly infos: readonly IsolatorLaunchInfo[];
  /** What the agent gives the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** `--sandbox_directory`: where the sandbox appears inside a root file system. */
  readonly sandboxDirectory: string;
  /** What the parent was launched with; only a DEBUG container takes anything from it. */
  readonly parent?: ContainerLaunchInfo | undefined;
}

/** Of these an isolator may set what no other one set before. */
const exclusive = [
  ['workingDirectory', 'working directory'],
  ['effectiveCapabilities', 'capabilities'],
  ['rlimits', 'rlimits'],
  ['ttyAgentPath', 'tty'],
] as const satisfies readonly (readonly [keyof ContainerLaunchInfo, string])[];

/** How to launch the container, out of what it is and what each isolator wants. */
export function mergeLaunchInfo(input: MergeInput): Result<ContainerLaunchInfo> {
  const conflict = findConflict(input.infos);
  if (conflict) return err(conflict);
  const merged = input.infos.reduce(
    (sum, { info }) => mergeMessages(sum, info),
    {} as ContainerLaunchInfo,
  );
  const command = chooseCommand(input.config, merged.command);
  if (!command.ok) return command;
  const { taskEnvironment: _, taskSupplementaryGroups, ...rest } = merged;
  const groups = [...(merged.supplementaryGroups ?? []), ...(taskSupplementaryGroups ?? [])];
  return ok({
    ...rest,
    command: command.value,
    environment: mergeEnvironment(input, merged),
    cloneNamespaces: unique(merged.cloneNamespaces),
    enterNamespaces: unique(merged.enterNamespaces),
    supplementaryGroups: unique(groups),
    workingDirectory: chooseWorkingDirectory(input, merged.workingDirectory),
    rootfs: input.config.rootfs,
    user: input.config.user,
  });
}

function findConflict(infos: readonly IsolatorLaunchInfo[]): string | undefined {
  const seen = new Set<string>();
  for (const { info } of infos) {
    if (info.rootfs !== undefined) return 'Isolator should not specify rootfs';
    if (info.user !== undefined) return 'Isolator should not specify user';
    for (const [property, name] of exclusive) {
      if (info[property] === undefined) continue;
      if (seen.has(property)) return `Multiple isolators specify ${name}`;
      seen.add(property);
    }
  }
  return undefined;
}

/**
 * A command task's own command runs in its container: there is no executor process in between.
 * Isolators may add arguments to it, and replace any other container's command.
 */
function chooseCommand(
  config: ContainerConfig,
  isolators: CommandInfo | undefined,
): Result<CommandInfo> {
  const own = commandOf(config);
  if (!config.taskInfo) return ok(bare(isolators ?? own));
  if (isolators && (isolators.value !== undefined || isolators.shell !== undefined)) {
    return err('Isolators may only add arguments to the command of a command task');
  }
  return ok(bare(mergeMessages<CommandInfo>(own, { arguments: isolators?.arguments })));
}

/** What the user asked to run: the task's command for command tasks. */
export function commandOf(config: ContainerConfig): CommandInfo {
  return config.taskInfo?.command ?? config.commandInfo;
}

/** These were dealt with elsewhere: fetched, merged, switched to. */
function bare(command: CommandInfo): CommandInfo {
  const { uris: _uris, environment: _environment, user: _user, ...rest } = command;
  return rest;
}

function chooseWorkingDirectory(input: MergeInput, isolators: string | undefined): string {
  const { config, parent, sandboxDirectory } = input;
  if (config.containerClass === 'DEBUG' && parent?.workingDirectory) return parent.workingDirectory;
  if (config.rootfs !== undefined) return isolators ?? sandboxDirectory;
  return config.directory;
}

/** The later one wins: parent's (DEBUG only), agent's, the sandbox, isolators', the user's. */
function mergeEnvironment(input: MergeInput, merged: ContainerLaunchInfo): Environment {
  const { config, parent, environment, sandboxDirectory } = input;
  const isDebug = config.containerClass === 'DEBUG';
  const variables: Environment.Variable[] = [];
  if (isDebug) variables.push(...(parent?.environment?.variables ?? []));
  for (const [name, value] of Object.entries(environment)) variables.push({ name, value });
  if (!isDebug) {
    const value = config.rootfs === undefined ? config.directory : sandboxDirectory;
    variables.push({ name: 'MESOS_SANDBOX', value });
  }
  variables.push(...(merged.environment?.variables ?? []));
  variables.push(...(merged.taskEnvironment?.variables ?? []));
  variables.push(...withoutSecrets(config.commandInfo));
  if (config.taskInfo?.command) variables.push(...withoutSecrets(config.taskInfo.command));
  const latest = new Map(variables.map((variable) => [variable.name, variable]));
  return { variables: [...latest.values()] };
}

/** Secrets reach the environment through the isolator that resolves them. */
function withoutSecrets(command: CommandInfo): Environment.Variable[] {
  return (command.environment?.variables ?? []).filter(({ type }) => type !== 'SECRET');
}

function unique(numbers: readonly number[] | undefined): number[] | undefined {
  return numbers && numbers.length > 0 ? [...new Set(numbers)] : undefined;
}
