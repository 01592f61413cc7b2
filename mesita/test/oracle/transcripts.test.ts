import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCluster, type Daemon, getJson, waitFor } from '../harness/cluster.ts';
import { play, type Stage, type Transcript } from './transcript.ts';

const folder = join(import.meta.dirname, 'data/transcripts');

/** As Mesos does: what tasks free waits for the next run, so that it comes in one piece. */
function withMesosDelay(flags: readonly string[]): readonly string[] {
  const [interval = '1secs'] = flags.flatMap(
    (f) => /^--allocation_interval=(.*)/.exec(f)?.[1] ?? [],
  );
  return [...flags, `--allocation_event_delay=${interval}`];
}

/** Stories that cannot be the same here; docs/compatibility.md says why. */
const different = new Map([
  ['executor_killed', 'a command task has no executor process that could be killed apart from it'],
]);

const transcripts = readdirSync(folder)
  .sort()
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Transcript)
  .filter((t) => !different.has(t.name));

describe.concurrent('stories of the real Mesos', { timeout: 180_000 }, () => {
  for (const transcript of transcripts)
    test(`${transcript.name}: ${transcript.about}`, async () => {
      expect(await playOnCluster(transcript)).toEqual([]);
    });
});

async function playOnCluster(transcript: Transcript): Promise<string[]> {
  const cluster = createCluster();
  try {
    const flags = /master flags ([^)]*)/.exec(transcript.about)?.[1]?.split(' ') ?? [];
    const master = await cluster.startMaster('--registry=in_memory', ...withMesosDelay(flags));
    const attributes = '--attributes=rack:r1;zone:eu;level:3';
    let agent = await cluster.startAgent({ master }, attributes);
    const bindings = new Map([
      ['<MASTER_PORT>', String(master.port)],
      ['<AGENT_PORT>', String(agent.port)],
    ]);
    const act: Stage['act'] = async (note) => {
      if (note === 'agent SIGKILLed') await agent.kill('SIGKILL');
      else if (note === 'agent frozen') agent.process.kill('SIGSTOP');
      else if (note === 'agent thawed') agent.process.kill('SIGCONT');
      else if (note.startsWith('agent started again'))
        agent = await cluster.startAgent({ master, port: agent.port }, attributes);
      else if (note === 'executor process killed with SIGKILL') await killExecutor(agent);
      else return false;
      return true;
    };
    return await play(transcript, { masterPort: master.port, act, bindings });
  } finally {
    await cluster.stop();
  }
}

/** The process whose end is the executor's: what the agent reports as `executor_pid`. */
async function killExecutor(agent: Daemon): Promise<void> {
  let pid: number | undefined;
  await waitFor('a container with a pid', async () => {
    const containers = (await getJson(agent.port, '/containers')) as {
      status?: { executor_pid?: number };
    }[];
    pid = containers[0]?.status?.executor_pid;
    return pid !== undefined;
  });
  process.kill(pid as number, 'SIGKILL');
}
