import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clone, mount } from '../../../src/linux/constants.ts';
import { watchFifo } from '../../../src/linux/fifo.ts';
import type { Confinement, Forker, ForkSpec, Place } from '../../../src/linux/launcher/forker.ts';
import { createNativeForker } from '../../../src/linux/launcher/native-forker.ts';
import { nativeLauncherPath } from '../../../src/linux/launcher/native-path.ts';
import { log } from './scene.ts';

// The compiled launcher by itself: what a confined process sees, and what it cannot reach.

const program = nativeLauncherPath(undefined);
const canRun = process.getuid?.() === 0 && program !== undefined;
const bind = mount.BIND | mount.REC;

let root: string;
let forker: Forker;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mesita-confined-'));
  forker = createNativeForker(program ?? '', log);
});

afterEach(async () => {
  await forker.close();
  rmSync(root, { recursive: true, force: true });
});

let count = 0;

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  script: string,
  confinement: Confinement,
  more: Partial<ForkSpec> = {},
): Promise<Ran> {
  const directory = join(root, `run${count++}`);
  mkdirSync(directory);
  const spec: ForkSpec = {
    directory,
    cwd: '/',
    stdout: join(directory, 'stdout'),
    stderr: join(directory, 'stderr'),
    file: '/bin/sh',
    args: ['sh', '-c', script],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    rlimits: [],
    preExec: [],
    confinement,
    ...more,
  };
  const forked = await forker.fork(spec);
  const alive = await watchFifo(join(directory, 'alive'));
  await forker.release(forked, directory);
  await alive.end;
  alive.close();
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  return { status: Number(read('status')), out: read('stdout'), err: read('stderr') };
}

/** A root file system out of the host's own programs. */
function createRoot(): { path: string; steps: NonNullable<Confinement['steps']> } {
  const path = join(root, 'rootfs');
  for (const name of ['usr', 'proc', 'dev', 'etc', 'tmp'])
    mkdirSync(join(path, name), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(path, name));
  const inRoot = (place: string): Place => ({ root: path, path: place });
  return {
    path,
    steps: [
      { kind: 'mount', target: { path }, mount: { source: { path }, flags: bind } },
      {
        kind: 'mount',
        target: inRoot('/usr'),
        mount: { source: { path: '/usr' }, flags: bind | mount.RDONLY },
      },
      {
        kind: 'mount',
        target: inRoot('/proc'),
        mount: { source: { path: 'proc' }, type: 'proc', flags: 0 },
      },
    ],
  };
}

test.runIf(canRun)('namespaces of its own', async () => {
  const names = ['ipc', 'mnt', 'net', 'uts', 'cgroup', 'pid'];
  const script = `for n in ${names.join(' ')}; do readlink /proc/self/ns/$n; done; echo $$`;
  const all =
    clone.NEWIPC | clone.NEWNS | clone.NEWNET | clone.NEWUTS | clone.NEWCGROUP | clone.NEWPID;
  const host = await run(script, {});
  const own = await run(script, { clone: all });
  const ids = (ran: Ran): string[] => ran.out.trim().split('\n');
  expect(own.err).toBe('');
  for (const id of ids(own)) expect(ids(host)).not.toContain(id);
  // After the first process of the namespace, which only takes in orphans.
  expect(ids(own).at(-1)).toBe('2');
});

test.runIf(canRun)('signals, statuses and orphans in a pid namespace', async () => {
  expect((await run('kill -TERM $$', { clone: clone.NEWPID })).status).toBe(15);
  expect((await run('exit 7', { clone: clone.NEWPID })).status).toBe(7 << 8);
  // What it leaves behind ends with it, and is not waited for.
  expect((await run('setsid sleep 1080 & exit 0', { clone: clone.NEWPID })).status).toBe(0);
});

test.runIf(canRun)('a root of its own, and no way out of it', async () => {
  const { path, steps } = createRoot();
  const confinement = { clone: clone.NEWNS | clone.NEWPID, steps, root: path };
  const { out, err } = await run(
    'ls /; touch /usr/x; ls -d /proc/1/root/work; pwd; ls /proc | grep -c "^[0-9]"',
    confinement,
    { cwd: '/made/here' },
  );
  expect(out.split('\n').slice(0, 5)).toEqual(['bin', 'dev', 'etc', 'lib', 'lib64']);
  expect(out).toContain('/made/here\n');
  expect(err).toContain('Read-only file system');
  expect(err).toContain("cannot access '/proc/1/root/work'");
  expect(existsSync(join(path, 'made/here'))).toBe(true);
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  expect(mounts).not.toContain(root);
});

test.runIf(canRun)('links in a root do not lead mounts and masks out of it', async () => {
  const { path, steps } = createRoot();
  const outside = join(root, 'outside');
  mkdirSync(join(outside, 'inner'), { recursive: true });
  writeFileSync(join(outside, 'secret'), 'secret');
  // The same path inside of the root, where the link leads for whoever is in there.
  mkdirSync(join(path, outside, 'inner'), { recursive: true });
  symlinkSync(outside, join(path, 'trap'));
  const inRoot = (place: string): Place => ({ root: path, path: place });
  const { status, err } = await run(`ls ${outside}`, {
    clone: clone.NEWNS,
    root: path,
    steps: [
      ...steps,
      {
        kind: 'mount',
        target: inRoot('/trap/inner'),
        mount: { source: { path: 'tmpfs' }, type: 'tmpfs', flags: 0 },
      },
      { kind: 'mask', target: inRoot('/trap/secret') },
      { kind: 'mkdir', target: inRoot('/trap/made'), recursive: true },
    ],
  });
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(existsSync(join(outside, 'made'))).toBe(false);
  expect(existsSync(join(path, outside, 'made'))).toBe(true);
});

test.runIf(canRun)('masked paths hold nothing', async () => {
  const { path, steps } = createRoot();
  writeFileSync(join(path, 'etc/secret'), 'secret');
  const mask = (place: string) => ({ kind: 'mask', target: { root: path, path: place } }) as const;
  const { out, err } = await run('cat /etc/secret; ls /dev; echo x >/etc/secret; mkdir /dev/x', {
    clone: clone.NEWNS,
    root: path,
    steps: [...steps, mask('/etc/secret'), mask('/dev'), mask('/nosuch')],
  });
  expect(out).toBe('');
  expect(err).toContain("cannot create directory '/dev/x'");
});

test.runIf(canRun)('capabilities of root and of others', async () => {
  const show = 'grep -E "^Cap" /proc/self/status';
  const bounding = 0x400n | 0x1n;
  const nobody = { uid: 65534, gid: 65534, groups: [] };
  const value = (text: string, name: string): string =>
    new RegExp(`${name}:\\s*0*([0-9a-f]+)`).exec(text)?.[1] ?? '';
  const asRoot = (await run(show, { capabilities: { bounding, effective: bounding } })).out;
  expect(
    ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => value(asRoot, name)),
  ).toEqual(['0', '401', '401', '401', '0']);
  const asNobody = (
    await run(show, { capabilities: { bounding, effective: 0x400n } }, { user: nobody })
  ).out;
  expect(['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => value(asNobody, name))).toEqual([
    '400',
    '400',
    '401',
    '400',
  ]);
  const bare = (await run(show, { capabilities: { bounding } }, { user: nobody })).out;
  expect(['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => value(bare, name))).toEqual([
    '0',
    '0',
    '0',
    '0',
  ]);
});

test.runIf(canRun)('the launcher cannot be overwritten from within', async () => {
  const write =
    'p=$(awk "/^PPid/ {print \\$2}" /proc/self/status); pp=$(awk "/^PPid/ {print \\$2}" /proc/$p/status); for x in $p $pp; do echo "$(readlink /proc/$x/exe)"; done; echo evil >/proc/$pp/exe';
  const { out, err } = await run(write, {});
  expect(out).toContain('memfd:mesita-launcher');
  expect(err).toMatch(/Text file busy|Operation not permitted|Permission denied/);
});

test.runIf(canRun)('no new privileges, and a filter that the kernel takes', async () => {
  // Everything but mkdir (83 on x86-64, which this stands for) is allowed.
  const filter = Buffer.from(
    [
      [0x20, 0, 0, 0],
      [0x15, 0, 1, 83],
      [0x06, 0, 0, 0x00050001],
      [0x06, 0, 0, 0x7fff0000],
    ].flatMap(([code = 0, jt = 0, jf = 0, k = 0]) => [
      code & 255,
      code >> 8,
      jt,
      jf,
      k & 255,
      (k >> 8) & 255,
      (k >> 16) & 255,
      (k >>> 24) & 255,
    ]),
  );
  for (const noNewPrivileges of [true, false]) {
    const nobody = { uid: 65534, gid: 65534, groups: [] };
    const { out, err } = await run(
      'mkdir /tmp/x; grep NoNewPrivs /proc/self/status',
      { seccomp: filter, noNewPrivileges },
      { user: nobody },
    );
    expect(out).toContain(`NoNewPrivs:\t${noNewPrivileges ? 1 : 0}`);
    expect(err).toContain('Operation not permitted');
  }
});

test.runIf(canRun)('a working directory outside of the root is refused', async () => {
  const { path, steps } = createRoot();
  const link = {
    kind: 'symlink',
    target: { root: path, path: '/way' },
    to: '/proc/self/fd/../cwd',
  } as const;
  const { status } = await run(
    'cat ../../../../etc/passwd',
    { clone: clone.NEWNS, root: path, steps: [...steps, link] },
    { cwd: '/way' },
  );
  expect(status).not.toBe(0);
});

test.runIf(canRun)('a namespace that cannot be entered is told at the fork', async () => {
  await expect(run('true', { enter: { pid: 4194304, flags: clone.NEWNS } })).rejects.toThrow(
    'Failed to enter namespaces',
  );
});
