// What becomes of tasks when their agent dies, comes back, freezes or leaves.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson, waitFor } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';
import { sandboxPath, waitForFile } from '../harness/sandbox.ts';

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;

async function start(...masterFlags: string[]): Promise<void> {
  cluster = createCluster();
  master = await cluster.startMaster(
    '--registry=in_memory',
    '--allocation_interval=100ms',
    ...masterFlags,
  );
  agent = await cluster.startAgent({ master });
  framework = await subscribe(master.port);
}
afterEach(async () => {
  framework.close();
  await cluster.stop();
});

const restart = () => cluster.startAgent({ master, port: agent.port });

/** Runs until its sandbox has a file `go`. */
const untilTold = 'echo $$ > pid; while [ ! -e go ]; do sleep 0.1; done; exit 7';

interface AgentState {
  readonly id: string;
  readonly flags: { readonly work_dir: string };
}

const agentState = () => getJson(agent.port, '/state') as Promise<AgentState>;

async function sandboxOf(task: string): Promise<string> {
  const { flags, id } = await agentState();
  return `${flags.work_dir}/slaves/${id}/frameworks/${framework.id}/executors/${task}/runs/latest`;
}

async function run(task: string): Promise<{ readonly sandbox: string; readonly pid: number }> {
  await framework.launch({ id: task, command: untilTold });
  await framework.status(task, 'TASK_RUNNING');
  const sandbox = await sandboxOf(task);
  const pid = await waitForPid(`${sandbox}/pid`);
  return { sandbox, pid };
}

async function waitForPid(file: string): Promise<number> {
  let pid = 0;
  await waitFor('the pid of the task', () => {
    try {
      pid = Number(readFileSync(file, 'utf8'));
    } catch {}
    return pid > 0;
  });
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a task neither notices that its agent was killed and restarted, nor is it lost', async () => {
  await start();
  const { id } = await agentState();
  const { sandbox, pid } = await run('steady');
  await agent.kill('SIGKILL');
  process.kill(pid, 0);
  agent = await restart();
  expect((await agentState()).id).toBe(id);
  process.kill(pid, 0);
  expect(framework.states('steady')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
  writeFileSync(`${sandbox}/go`, '');
  const { message } = await framework.status('steady', 'TASK_FAILED');
  expect(message).toBe('Command exited with status 7');
  // New tasks find the old agent as it was.
  await framework.launch({ id: 'next', command: 'echo hello' });
  await framework.status('next', 'TASK_FINISHED');
  await waitForFile(agent.port, sandboxPath(framework.id, 'next', 'stdout'), 'hello\n');
});

test('a task that ended while its agent was down is told as it ended', async () => {
  await start();
  const { sandbox, pid } = await run('alone');
  await agent.kill('SIGKILL');
  writeFileSync(`${sandbox}/go`, '');
  await waitFor('the task to be gone', () => !isAlive(pid));
  agent = await restart();
  const { message } = await framework.status('alone', 'TASK_FAILED');
  expect(message).toBe('Command exited with status 7');
});

test('an agent that leaves on SIGUSR1 takes its tasks along', async () => {
  await start();
  const { pid } = await run('guest');
  await agent.kill('SIGUSR1');
  const states = ['TASK_GONE', 'TASK_KILLED', 'TASK_LOST', 'TASK_UNREACHABLE'];
  await framework.waitFor('the end of the task', () =>
    framework.states('guest').some((state) => states.includes(state)),
  );
  await waitFor('the task to be gone', () => !isAlive(pid));
  await waitFor('the agent to be gone', async () => {
    const { slaves } = (await getJson(master.port, '/slaves')) as { slaves: unknown[] };
    return slaves.length === 0;
  });
});

test('an agent that froze is unreachable, and comes back with its tasks', async () => {
  await start('--agent_ping_timeout=1secs', '--max_agent_ping_timeouts=2');
  const { sandbox } = await run('frozen');
  agent.process.kill('SIGSTOP');
  const lost = await framework.status('frozen', 'TASK_UNREACHABLE');
  expect(lost).toMatchObject({ reason: 'REASON_AGENT_REMOVED', source: 'SOURCE_MASTER' });
  agent.process.kill('SIGCONT');
  await framework.waitFor(
    'the task to run again',
    () => framework.states('frozen').at(-1) === 'TASK_RUNNING',
  );
  writeFileSync(`${sandbox}/go`, '');
  await framework.status('frozen', 'TASK_FAILED');
});

test('a second agent on the same work directory is turned away', async () => {
  await start();
  const second = await cluster.spawnAgent({ master });
  expect(await second.exited).toBe(1);
  expect(second.output()).toMatch(
    /^mesos-agent: Another agent \(process \d+\) is running on the work directory '.*'\n$/,
  );
  await framework.launch({ id: 'still', command: 'true' });
  await framework.status('still', 'TASK_FINISHED');
});
