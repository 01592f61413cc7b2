// The address to bind, where a command knows it: a cloud's, a container network's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isIPv4, isIPv6 } from 'node:net';
import process from 'node:process';
import { describeSignal } from '../linux/signals.ts';

const PATIENCE_SECONDS = 30;
/** More than any address needs; the rest is read and dropped. */
const MAX_CHARACTERS = 1000;

/**
 * The address that the command of `--ip_discovery_command` prints. Throws what ends the start, in
 * Mesos' words where it has any.
 */
export async function discoverIp(
  command: string,
  patience = AbortSignal.timeout(PATIENCE_SECONDS * 1000),
): Promise<string> {
  const text = (await run(command, patience)).trim();
  if (isIPv4(text)) return text;
  const printed = `--ip_discovery_command printed ${text === '' ? 'nothing' : JSON.stringify(text)}`;
  if (text === '') throw new Error(`${printed}: it must print the address to bind`);
  throw new Error(
    isIPv6(text)
      ? `${printed}: only IPv4 addresses can be bound`
      : `${printed}: Failed to parse IP as either IPv4 or IPv6`,
  );
}

async function run(command: string, patience: AbortSignal): Promise<string> {
  // A group of its own: its end takes along what it started.
  const child = spawn('sh', ['-c', command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(0, MAX_CHARACTERS);
  });
  const signal = AbortSignal.any([interruption.signal, patience]);
  try {
    const [status, killedBy] = await once(child, 'close', { signal });
    const complaint = complaintOf(command, status, killedBy);
    if (complaint !== undefined) throw new Error(complaint);
    return text;
  } catch (error) {
    if (!signal.aborted) throw error;
    killGroup(child.pid);
    const why = patience.aborted ? `took longer than ${PATIENCE_SECONDS}secs` : 'was interrupted';
    throw new Error(`Running '${command}' ${why} (see --ip_discovery_command)`);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function complaintOf(
  command: string,
  status: number | null,
  killedBy: NodeJS.Signals | null,
): string | undefined {
  if (status === 0) return undefined;
  if (killedBy !== null) {
    return `Running '${command}' was interrupted by signal '${describeSignal(killedBy)}'`;
  }
  return `Failed to execute '${command}'; the command was either not found or exited with a non-zero exit status: ${status}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended, and only what it sent away holds its output.
  }
}
