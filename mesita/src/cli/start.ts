import process from 'node:process';
import { createCluster, type RunningCluster } from './cluster/cluster.ts';
import { onInterrupt } from './interrupt.ts';
import { aborted, whatToTry } from './local.ts';
import { Problem } from './problem.ts';
import { type Life, runSample } from './sample/framework.ts';
import { progressLine, summaryTable, surprises, watchOutput } from './sample/show.ts';
import { SAMPLE_TASKS } from './sample/tasks.ts';
import { createTerminal, type Terminal } from './terminal.ts';

interface StartOptions {
  /** Leave when the sample has ended. */
  readonly once: boolean;
  readonly port: number;
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
    port: options.port,
    dist: options.dist,
    signal: interrupt.signal,
    onLine: () => {},
    onProgress: (text) => terminal.line(text),
  });
  let isUp = false;
  try {
    terminal.line(`Starting one master and ${AGENTS} agents on this machine ...`);
    const running = await cluster.start();
    isUp = true;
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
    terminal.status('');
    if (isUp) terminal.line('Stopping the cluster ...');
    await cluster.stop();
    interrupt.release();
  }
}

/** Throws a Problem unless every task ended as it should. */
async function showSample(terminal: Terminal, cluster: RunningCluster, signal: AbortSignal) {
  const agentName = (url: string) =>
    cluster.agents.find((agent) => url.startsWith(agent.url))?.name ?? url;
  const lives = new Set<Life>();
  let frameworkId = '';
  const output = watchOutput(terminal, () => frameworkId);
  const refresh = () => terminal.status(progressLine(lives, SAMPLE_TASKS.length));
  const observer = {
    onSubscribed(id: string) {
      frameworkId = id;
      terminal.line(`\nSample framework ${id}, ${SAMPLE_TASKS.length} tasks:\n`);
    },
    onLaunch(life: Life) {
      lives.add(life);
      terminal.line(`${life.task.name.padEnd(12)} launched on ${agentName(life.agentUrl)}`);
      output.watch(life);
      refresh();
    },
    onState({ task, state = 'TASK_LOST', message = '' }: Life) {
      terminal.line(`${task.name.padEnd(12)} ${terminal.bold(state)} ${message}`.trimEnd());
      refresh();
    },
    onDisconnected: (reason: string) => terminal.line(`lost the master: ${reason}`),
    onEnded: () => output.finish(),
  };
  const timeout = AbortSignal.timeout(SAMPLE_TIMEOUT_MS);
  const ended = await Promise.race([
    runSample(cluster.address, SAMPLE_TASKS, observer, AbortSignal.any([signal, timeout])),
    cluster.broken.then((text) => {
      throw new Problem(text, lastWords(cluster));
    }),
  ]);
  await output.finish();
  terminal.status('');
  signal.throwIfAborted();
  terminal.line(`\n${summaryTable([...lives], agentName)}\n`);
  if (timeout.aborted) {
    const text = progressLine(ended, SAMPLE_TASKS.length);
    throw new Problem(`the sample took too long: ${text}`, lastWords(cluster));
  }
  const wrong = surprises(ended);
  if (wrong.length > 0) throw new Problem(wrong.join('; '), lastWords(cluster));
  terminal.line(`All ${ended.length} tasks ended as they should, one of them failing on purpose.`);
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
    terminal.bold('The cluster stays up. Open:'),
    `  ${master.url}/state`,
    ...agents.map(({ name, url }) => `  ${url}/state   (${name})`),
    '',
    ...whatToTry(address).map((line) => line.replace('  mesita ', '  npx mesita ')),
    '',
    'Ctrl-C ends all of it.',
  ]) {
    terminal.line(text);
  }
}
