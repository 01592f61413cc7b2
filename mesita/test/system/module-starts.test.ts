// The recorded starts that are about modules, hooks, isolators, authenticators and allocators, by the
// daemons themselves. Each ends as it did with a C++ Mesos, but for what `differs` says.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Cluster,
  createCluster,
  directories,
  freePort,
  spawnDaemon,
  waitFor,
} from '../harness/cluster.ts';
import {
  PATH,
  type RecordedStart,
  recordedMessage,
  recordedStarts,
  startsOfModules,
} from '../harness/recorded-starts.ts';

const opening = (name: string, why: string) =>
  `Error loading modules: Error opening library: '${name}': Could not load library '${name}': ${why}`;
const isPackage = opening(
  'nosuchlib',
  `no package of that name is installed in ${PATH} or with Mesita`,
);
const isNoLibrary = opening(
  'libz.so.1',
  `${PATH}: cannot open shared object file: No such file or directory`,
);

/** On purpose: libraries are ES modules, and `name` is that of a package; see docs/compatibility.md. */
const differs: Readonly<Record<string, string>> = {
  ST051: isPackage,
  ST125: isPackage,
  ST053: isNoLibrary,
  ST054: isNoLibrary,
  ST128: isNoLibrary,
  ST130: isNoLibrary,
};

let cluster: Cluster;
beforeAll(() => {
  cluster = createCluster();
});
afterAll(() => cluster.stop());

/** Makes what PATH stands for; answers its real path. */
function setUp(id: string): string {
  const { file, directory } = startsOfModules[id]!;
  const path = join(cluster.folder, `${id}-path`);
  if (file !== undefined) writeFileSync(path, file, { mode: 0o600 });
  if (directory === undefined) return path;
  mkdirSync(path);
  for (const [name, content] of Object.entries(directory)) {
    if (content === undefined) mkdirSync(join(path, name));
    else writeFileSync(join(path, name), content);
  }
  return path;
}

async function start({ id, daemon, args, without = [] }: RecordedStart) {
  const path = setUp(id);
  const home = join(cluster.folder, id);
  const port = await freePort();
  const own = [
    ...['--ip=127.0.0.1', `--port=${port}`, '--hostname=localhost', '--quiet'],
    ...(daemon === 'master'
      ? ['--registry=in_memory', `--work_dir=${home}`]
      : ['--master=127.0.0.1:1', ...directories(home)]),
  ].filter((flag) => !without.some((name) => flag.startsWith(`${name}=`)));
  const given = args.map((argument) => argument.replace(PATH, path));
  const running = spawnDaemon(`mesos-${daemon}`, port, [...own, ...given]);
  return { running, home, port };
}

/** The paths of this run, and where the daemon looks beside them, stand for the recorded one. */
function normalise(output: string, daemon: string): string {
  const [line = ''] = output.split('\n');
  const places = new RegExp(`(?:${cluster.folder}|${process.cwd()})[^'":, ]*`, 'g');
  return line
    .replace(`mesos-${daemon}: `, '')
    .replace('EXIT with status 1: ', '')
    .replaceAll(places, PATH)
    .trim();
}

const starts = recordedStarts
  .filter(({ id }) => id in startsOfModules)
  .map((start) => [`${start.id} ${start.daemon} ${start.args.join(' ')}`, start] as const);

test.each(starts)('%s', async (_title, recorded) => {
  const { id, daemon, outcome } = recorded;
  const { running, home, port } = await start(recorded);
  try {
    if (outcome === 'running') {
      const isUp = async () =>
        (await request(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.statusCode ===
        200;
      await waitFor('the daemon to be up', isUp, running);
      return;
    }
    const status = await running.exited;
    const expected = differs[id] ?? recordedMessage(recorded);
    expect([status, normalise(running.output(), daemon)]).toEqual([recorded.status, expected]);
    // Before it touched any state.
    expect(existsSync(home)).toBe(false);
  } finally {
    await running.kill();
  }
});
