import process from 'node:process';
import { createCluster, type RunningCluster } from './cluster/cluster.ts';
import { onInterrupt } from './interrupt.ts';
import { aborted, whatToTry } from './local.ts';
import { Problem } from './problem.ts';
import { runSample } from './sample/framework.ts';
import { createShow, progressLine, summaryTable, surprises } from './sample/show.ts';
import { SAMPLE_TASKS } from './sample/tasks.ts';
import { createTerminal, type Terminal } from './terminal.ts';

interface StartOptions {
  /** Leave when the sample has ended. */
  readonly once: boolean;
  readonly port?: number;
  readonly dist: string;
}

const AGENTS = 2;
const AGENT_RESOURCES = 'cpus:2;mem:512;disk:1024;ports:[31000-31999]';
/** A sample that takes longer hangs. */
const SAMPLE_TIMEOUT_MS = 120_000;

/** `npm start`: a cluster, a dozen tasks on it, and what to look at. Answers the exit status. */
export async function runStart(options: StartOptions): Promise<number> {
  const terminal = createTerminal(process.stdout, process.env);
  const interrupt = onInterrupt(() => void cluster.kill().finally(() => process.exit(130)));
  const cluster = createCluster({
    agents: AGENTS,
    resources: AGENT_RESOURCES,
    dist: options.dist,
    signal: interrupt.signal,
    onLine: () => {},
    onProgress: (text) => terminal.line(`  ${text}`),
    ...(options.port !== undefined && { port: options.port }),
  });
  try {
    terminal.line('');
    terminal.line(terminal.bold('Starting one master and two agents on this machine'));
    const running = await cluster.start();
    await showSample(terminal, running, interrupt.signal);
    if (options.once) return 0;
    announce(terminal, running);
    const broken = await Promise.race([running.broken, aborted(interrupt.signal)]);
    if (broken !== undefined) throw new Problem(broken, lastWords(running));
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.status;
    throw error;
  } finally {
    terminal.status('Stopping the cluster ...');
    await cluster.stop();
    terminal.status('');
    terminal.line('The cluster is stopped, and nothing of it is left.');
    interrupt.release();
  }
}

/** Throws a Problem unless every task ended as it should. */
async function showSample(terminal: Terminal, cluster: RunningCluster, signal: AbortSignal) {
  const agentName = (url: string) =>
    cluster.agents.find((agent) => url.startsWith(agent.url))?.name ?? url;
  const total = SAMPLE_TASKS.length;
  terminal.line('');
  terminal.line(terminal.bold(`Running ${total} commands on it, one of them failing on purpose`));
  const show = createShow({ terminal, total, agentName });
  const timeout = AbortSignal.timeout(SAMPLE_TIMEOUT_MS);
  const ended = await Promise.race([
    runSample(cluster.address, SAMPLE_TASKS, show, AbortSignal.any([signal, timeout])),
    cluster.broken.then((text) => {
      throw new Problem(text, lastWords(cluster));
    }),
  ]).finally(() => show.finish());
  signal.throwIfAborted();
  terminal.line(`\n${summaryTable([...show.lives], agentName)}\n`);
  if (timeout.aborted) {
    throw new Problem(
      `the sample took too long: ${progressLine(ended, total)}`,
      lastWords(cluster),
    );
  }
  const wrong = surprises(ended);
  if (wrong.length > 0) throw new Problem(wrong.join('; '), lastWords(cluster));
  terminal.line(`All ${ended.length} tasks ended as they should.`);
}

function lastWords({ master, agents }: RunningCluster): string {
  const parts = [master, ...agents].map(
    ({ title, lastLines }) => `${title} wrote last:\n  ${lastLines.slice(-8).join('\n  ')}`,
  );
  return parts.join('\n');
}

function announce(terminal: Terminal, { master, agents, address }: RunningCluster): void {
  for (const text of [
    '',
    terminal.bold('The cluster stays up. Open'),
    `  ${master.url}/state    what the master knows: agents, frameworks, tasks`,
    `  ${master.url}/help     every endpoint there is`,
    ...agents.map(({ name, url }) => `  ${url}/state    ${name}`),
    '',
    terminal.bold('Try in another terminal'),
    ...whatToTry(address, 'bin/mesos-execute.sh'),
    '',
    terminal.dim('Ctrl-C ends all of it.'),
  ]) {
    terminal.line(text);
  }
}
