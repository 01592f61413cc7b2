import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { createCluster, getJson, waitFor } from '../harness/cluster.ts';
import { subscribe } from '../harness/framework.ts';

function isFull(path: string): boolean {
  const { stdout } = spawnSync('df', ['--output=avail', path], { encoding: 'utf8' });
  return Number(stdout.trim().split('\n').at(-1)) === 0;
}

/** A small disk of its own; nothing where we may not mount one. */
function mountSmallDisk(place: string): boolean {
  mkdirSync(place);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place]).status === 0;
}

const ends = /^TASK_(FINISHED|DROPPED|FAILED|LOST)$/;

test('a full disk holds up what must be written, and loses nothing of it', async (context) => {
  const cluster = createCluster();
  const place = join(cluster.folder, 'small');
  if (process.getuid?.() !== 0 || !mountSmallDisk(place)) {
    await cluster.stop();
    context.skip('mounting a small disk needs root');
  }
  try {
    const master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
    const agent = await cluster.startAgent({ master, name: 'small' });
    const framework = await subscribe(master.port);
    const filling = 'until [ -e go ]; do sleep 0.05; done; cat /dev/zero > all; sleep 1000';
    await framework.launch({ id: 'filler', command: filling });
    await framework.status('filler', 'TASK_RUNNING');
    const { id, flags } = (await getJson(agent.port, '/state')) as {
      id: string;
      flags: { work_dir: string };
    };
    const executors = `${flags.work_dir}/slaves/${id}/frameworks/${framework.id}/executors`;
    // Only now: a disk that fills sooner holds up the update that says the task is running.
    writeFileSync(`${executors}/filler/runs/latest/go`, '');
    await waitFor('the disk to be full', () => isFull(place));
    await framework.launch({ id: 'unlucky', command: 'true' });
    const end = () => framework.statuses('unlucky').find(({ state }) => ends.test(state));
    await agent.says('disk is full');
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'filler' } } });

    truncateSync(`${executors}/filler/runs/latest/all`);
    await framework.status('filler', 'TASK_KILLED');
    // It failed for want of space, or waited for it behind what was written first.
    await framework.waitFor('the end of unlucky', () => end() !== undefined);
    if (end()?.state !== 'TASK_FINISHED') {
      expect(end()?.message).toMatch(/no space left on device/);
    }
    await framework.launch({ id: 'lucky', command: 'true' });
    await framework.status('lucky', 'TASK_FINISHED');
    framework.close();
  } finally {
    spawnSync('umount', ['-l', place]);
    await cluster.stop();
  }
});
