import process from 'node:process';
import { createCluster, type RunningCluster } from './cluster/cluster.ts';
import { onInterrupt } from './interrupt.ts';
import { Problem } from './problem.ts';
import { createTerminal, type Terminal } from './terminal.ts';

interface LocalOptions {
  readonly agents: number;
  readonly port: number;
  readonly resources?: string;
  readonly workDir?: string;
  readonly dist: string;
}

/** `mesita local`: a cluster on this machine until Ctrl-C. Answers the exit status. */
export async function runLocal(options: LocalOptions): Promise<number> {
  const terminal = createTerminal(process.stdout, process.env);
  const width = `agent-${options.agents}`.length;
  const interrupt = onInterrupt(() => void cluster.kill().finally(() => process.exit(130)));
  const cluster = createCluster({
    ...options,
    signal: interrupt.signal,
    onLine: (daemon, line) => terminal.line(`${terminal.dim(daemon.padEnd(width))} ${line}`),
    onProgress: (text) => terminal.line(`${'mesita'.padEnd(width)} ${text}`),
  });
  let isUp = false;
  try {
    const running = await cluster.start();
    isUp = true;
    announce(terminal, running);
    const broken = await Promise.race([running.broken, aborted(interrupt.signal)]);
    if (broken !== undefined) throw new Problem(broken, 'Its last lines are above.');
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.status;
    throw error;
  } finally {
    if (isUp) terminal.line(`${'mesita'.padEnd(width)} stops the cluster (Ctrl-C to kill it)`);
    await cluster.stop();
    interrupt.release();
  }
}

/** Resolves at the abort. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function announce(terminal: Terminal, { master, agents, address, workDir }: RunningCluster): void {
  for (const text of [
    '',
    terminal.bold('The cluster is up.'),
    `  master  ${master.url}`,
    ...agents.map(({ name, url }) => `  ${name.padEnd(7)} ${url}`),
    `  files   ${workDir}`,
    '',
    terminal.bold('Try in another terminal'),
    ...whatToTry(address, 'mesita execute'),
    '',
    terminal.dim('Ctrl-C ends all of it.'),
    '',
  ]) {
    terminal.line(text);
  }
}

/** Command lines to copy; `execute` is what the reader has of `mesos-execute`. */
export function whatToTry(address: string, execute: string): readonly string[] {
  return [
    `  ${execute} --master=${address} --name=hello --command='echo hello; sleep 2; exit 3'`,
    `  curl -s http://${address}/tasks`,
    `  curl -s http://${address}/metrics/snapshot`,
  ];
}
