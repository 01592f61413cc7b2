import type { CheckInfo, CommandInfo, HealthCheck } from '@mesita/sdk/types';
import { validateCommand } from './command.ts';

export function validateCheck(check: CheckInfo): string | undefined {
  return validateCheckKind(check) ?? validateSeconds(check);
}

function validateCheckKind({ type, command, http, tcp }: CheckInfo): string | undefined {
  switch (type) {
    case undefined:
      return "CheckInfo must specify 'type'";
    case 'COMMAND':
      if (command === undefined) return "Expecting 'command' to be set for COMMAND check";
      return validateCheckCommand(command.command, 'Command check', 'Check');
    case 'HTTP':
      if (http === undefined) return "Expecting 'http' to be set for HTTP check";
      return validatePath(http.path, 'HTTP check');
    case 'TCP':
      return tcp === undefined ? "Expecting 'tcp' to be set for TCP check" : undefined;
    case 'UNKNOWN':
      return "'UNKNOWN' is not a valid check type";
  }
}

export function validateHealthCheck(check: HealthCheck): string | undefined {
  return validateHealthCheckKind(check) ?? validateSeconds(check);
}

function validateHealthCheckKind({ type, command, http, tcp }: HealthCheck): string | undefined {
  switch (type) {
    case undefined:
      return "HealthCheck must specify 'type'";
    case 'COMMAND':
      if (command === undefined) return "Expecting 'command' to be set for COMMAND health check";
      return validateCheckCommand(command, 'Command health check', 'Health check');
    case 'HTTP':
      if (http === undefined) return "Expecting 'http' to be set for HTTP health check";
      if (http.scheme !== undefined && http.scheme !== 'http' && http.scheme !== 'https') {
        return `Unsupported HTTP health check scheme: '${http.scheme}'`;
      }
      return validatePath(http.path, 'HTTP health check');
    case 'TCP':
      return tcp === undefined ? "Expecting 'tcp' to be set for TCP health check" : undefined;
    case 'UNKNOWN':
      return "'UNKNOWN' is not a valid health check type";
  }
}

function validateCheckCommand(
  command: CommandInfo,
  check: string,
  owner: string,
): string | undefined {
  if (command.value === undefined) {
    return `${check} must contain ${command.shell === false ? "'executable path'" : "'shell command'"}`;
  }
  const error = validateCommand(command);
  return error === undefined ? undefined : `${owner}'s \`CommandInfo\` is invalid: ${error}`;
}

function validatePath(path: string | undefined, check: string): string | undefined {
  if (path === undefined || path.startsWith('/')) return undefined;
  return `The path '${path}' of ${check} must start with '/'`;
}

interface Seconds {
  readonly delaySeconds?: number | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
}

function validateSeconds(check: Seconds): string | undefined {
  const fields = [
    ['delay_seconds', check.delaySeconds],
    ['grace_period_seconds', check.gracePeriodSeconds],
    ['interval_seconds', check.intervalSeconds],
    ['timeout_seconds', check.timeoutSeconds],
  ] as const;
  const negative = fields.find(([, seconds]) => seconds !== undefined && seconds < 0);
  return negative === undefined ? undefined : `Expecting '${negative[0]}' to be non-negative`;
}
