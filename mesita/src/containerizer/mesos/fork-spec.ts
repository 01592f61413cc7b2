import type { CommandInfo, RLimitInfo } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerLaunchInfo } from '@mesita/sdk/types/containerizer';
import {
  type Confinement,
  type ForkSpec,
  idleProgram,
  type ResourceLimit,
  type UserIds,
} from '../../linux/launcher/forker.ts';
import { rlimitNumbers } from '../../linux/rlimits.ts';
import { quote } from '../../linux/shell.ts';
import type { Container } from './container.ts';

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The process that a launch info describes, but for where its output goes. */
export function createForkSpec(
  { config, isNested }: Pick<Container, 'config' | 'isNested'>,
  directory: string,
  info: ContainerLaunchInfo,
  user: UserIds | undefined,
  confinement?: Confinement,
): Omit<ForkSpec, 'stdout' | 'stderr'> {
  const variables = info.environment?.variables ?? [];
  return {
    directory,
    cwd: info.workingDirectory ?? config.directory,
    user: user && { ...user, groups: [...user.groups, ...(info.supplementaryGroups ?? [])] },
    env: {
      PATH: defaultPath,
      ...Object.fromEntries(variables.map(({ name, value }) => [name, value ?? ''])),
    },
    rlimits: readRlimits(info.rlimits),
    preExec: (info.preExecCommands ?? []).map(shellText),
    tty: info.ttyAgentPath,
    confinement,
    ...program(isIdle(config, isNested), info.command ?? {}),
  };
}

function program(idle: boolean, command: CommandInfo): Pick<ForkSpec, 'file' | 'args'> {
  // The default executor lives in the agent. Its container's process only holds the place.
  if (idle) return { file: idleProgram, args: [idleProgram] };
  if (command.shell ?? true) {
    if (command.value === undefined) return failing('Shell command is not specified');
    return { file: 'sh', args: ['sh', '-c', command.value] };
  }
  if (command.value === undefined) return failing('Executable path is not specified');
  const args = command.arguments ?? [];
  return { file: command.value, args: args.length > 0 ? args : [command.value] };
}

/** The container of the default executor, in which its tasks' containers are nested. */
function isIdle(config: ContainerConfig, isNested: boolean): boolean {
  return !isNested && config.executorInfo?.type === 'DEFAULT' && !config.taskInfo;
}

/** A launch that cannot work ends as the launched program would: text on stderr, status 1. */
function failing(text: string): Pick<ForkSpec, 'file' | 'args'> {
  return { file: '/bin/sh', args: ['sh', '-c', `echo '${text}' >&2; exit 1`] };
}

function shellText(command: CommandInfo): string {
  if (command.shell ?? true) return command.value ?? '';
  return [command.value ?? '', ...(command.arguments ?? []).slice(1)].map(quote).join(' ');
}

function readRlimits(info: RLimitInfo | undefined): ResourceLimit[] {
  return (info?.rlimits ?? []).map(({ type, soft, hard }) => {
    const resource = type && rlimitNumbers[type];
    if (resource === undefined) throw new Error(`Unknown rlimit type '${type ?? ''}'`);
    return { resource, name: type ?? '', soft, hard };
  });
}
