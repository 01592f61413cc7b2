// The logger's program and containers that use it, without daemons.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@mesita/sdk/base';
import { type ContainerLogger, createTestContext, parseParameters } from '@mesita/sdk/module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logrotateContainerLogger } from '../../../src/builtin/container-logger/logrotate.ts';
import { rotateScript } from '../../../src/builtin/container-logger/rotate-script.ts';
import type { ContainerizerOptions } from '../../../src/containerizer/create-containerizer.ts';
import { readStat } from '../../../src/linux/proc.ts';
import { hasProgram } from '../../harness/packages.ts';
import {
  availableLaunchers,
  createScene,
  rootId,
  type Scene,
  shellConfig,
  until,
} from '../containerizer/scene.ts';

const isThere = hasProgram('logrotate');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesita-logger-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Every version of a log, the oldest first. */
function versions(directory: string, name: string): Buffer[] {
  const numbered = readdirSync(directory)
    .flatMap((file) => new RegExp(`^${name}\\.(\\d+)$`).exec(file)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
  const files = [...numbered.map((number) => `${name}.${number}`), name];
  return files.map((file) => readFileSync(join(directory, file)));
}

async function rotate(input: readonly Buffer[], max: number, logrotate: string): Promise<void> {
  const file = join(folder, 'stdout');
  const args = ['-c', rotateScript, 'logger', file, String(max), logrotate, 'rotate 999'];
  const cwd = mkdtempSync(join(folder, 'own-'));
  const child = spawn('/bin/sh', args, { cwd, stdio: ['pipe', 'ignore', 'inherit'] });
  for (const chunk of input) {
    if (!child.stdin.write(chunk)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
}

describe.skipIf(!isThere)('with logrotate', () => {
  test.each([4096, 5000, 65_536])('no byte is lost and no file is larger than %i', async (max) => {
    const input = Array.from({ length: 60 }, (_, i) => randomBytes((i * 977) % 9001));
    await rotate(input, max, 'logrotate');
    const kept = versions(folder, 'stdout');
    expect(Buffer.compare(Buffer.concat(kept), Buffer.concat(input))).toBe(0);
    expect(Math.max(...kept.map(({ length }) => length))).toBeLessThanOrEqual(max);
    expect(kept.length).toBeGreaterThan(1);
  });

  describe('containers', () => {
    let scene: Scene;
    const create = async (values: Record<string, string>): Promise<ContainerLogger> => {
      const pairs = Object.entries(values).map(([key, value]) => ({ key, value }));
      const parameters = unwrap(parseParameters(logrotateContainerLogger.parameters, pairs));
      return logrotateContainerLogger.create(createTestContext().context, parameters);
    };
    const start = async (
      values: Record<string, string>,
      root?: string,
      launcher: Partial<ContainerizerOptions> = {},
    ) => {
      scene = await createScene({ createLogger: () => create(values), ...launcher }, root);
    };
    afterEach(() => scene.end());

    const counting = 'i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i+1)); done';
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join('');

    test.each([
      ...availableLaunchers,
      { name: 'shell', launcher: () => ({ launcher: 'posix', forker: 'shell' as const }) },
    ])(
      'have everything in their sandbox when they have ended, as their user ($name)',
      async ({ launcher }) => {
        const values = { max_stdout_size: '16KB', logrotate_stdout_options: 'rotate 9' };
        await start(values, undefined, launcher());
        const sandbox = scene.sandbox('all');
        const user = process.getuid?.() === 0 ? { user: 'nobody' } : {};
        spawnSync('chown', [user.user ?? '', sandbox]);
        const id = rootId('all');
        const config = shellConfig(sandbox, `${counting}; echo oops >&2`, user);
        await scene.containerizer.launch({ id, config, environment: {} });
        expect(await scene.containerizer.wait(id)).toEqual({ status: 0 });
        const kept = versions(sandbox, 'stdout');
        expect(String(Buffer.concat(kept))).toBe(lines);
        expect(kept.every(({ length }) => length <= 16 * 1024)).toBe(true);
        expect(readFileSync(join(sandbox, 'stderr'), 'utf8')).toBe('oops\n');
        const owner = statSync(sandbox).uid;
        expect(readdirSync(sandbox).map((file) => statSync(join(sandbox, file)).uid)).toEqual(
          readdirSync(sandbox).map(() => owner),
        );
        expect(readdirSync(join(scene.root, 'run/io_switchboard/containers'))).toEqual([]);
      },
    );

    test('§4.2.1 choose other limits for themselves; what nobody knows fails their launch', async () => {
      await start({ logrotate_stdout_options: 'rotate 99' });
      const launch = async (name: string, variable: string, value: string) => {
        const config = shellConfig(scene.sandbox(name), counting);
        const environment = { variables: [{ name: variable, value }] };
        const commandInfo = { ...config.commandInfo, environment };
        const request = { id: rootId(name), config: { ...config, commandInfo }, environment: {} };
        await scene.containerizer.launch(request);
        await scene.containerizer.wait(rootId(name));
      };
      await launch('small', 'CONTAINER_LOGGER_MAX_STDOUT_SIZE', '4KB');
      expect(versions(join(scene.root, 'work/small'), 'stdout').length).toBeGreaterThan(10);
      await expect(
        launch('sly', 'CONTAINER_LOGGER_LOGROTATE_STDOUT_OPTIONS', 'rotate 2\npostrotate\nid'),
      ).rejects.toThrow("'postrotate' is not for a task to set");
      await expect(launch('odd', 'CONTAINER_LOGGER_MAX_SIZE', '4KB')).rejects.toThrow(
        "Failed to load executor logger settings: Failed to load unknown flag 'max_size'",
      );
    });

    test('lose no line when their agent dies and another one comes', async () => {
      await start({ max_stdout_size: '64KB', logrotate_stdout_options: 'rotate 99' });
      const sandbox = scene.sandbox('long');
      const id = rootId('long');
      const config = shellConfig(sandbox, `until [ -e go ]; do sleep 0.02; done; ${counting}`);
      await scene.containerizer.launch({ id, config, environment: {} });
      const { executorPid: pid = 0 } = await scene.containerizer.status(id);
      const { root } = scene;
      await scene.containerizer.close();
      writeFileSync(join(sandbox, 'go'), '');
      // Between two files there is none.
      await until(() => statSync(join(sandbox, 'stdout'), { throwIfNoEntry: false })?.size !== 0);
      await start({}, root);
      await scene.containerizer.recover([{ containerId: id, pid, directory: sandbox }]);
      expect(await scene.containerizer.wait(id)).toEqual({ status: 0 });
      expect(String(Buffer.concat(versions(sandbox, 'stdout')))).toBe(lines);
      expect(readdirSync(join(root, 'run/io_switchboard/containers'))).toEqual([]);
    });
  });
});

test('a logrotate that does nothing stops no log', async () => {
  const input = Array.from({ length: 30 }, () => randomBytes(1000));
  await rotate(input, 4096, '/bin/true');
  expect(Buffer.compare(readFileSync(join(folder, 'stdout')), Buffer.concat(input))).toBe(0);
});

test('a log that cannot be written is dropped, and its writer goes on', async () => {
  const args = ['-c', rotateScript, 'logger', join(folder, 'nowhere/stdout'), '4096', 'true', ''];
  const child = spawn('/bin/sh', args, { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(randomBytes(1_000_000));
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('nothing is written through a link that the container made', async () => {
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'as it was');
  symlinkSync(victim, join(folder, 'stdout'));
  await rotate([randomBytes(20_000)], 4096, '/bin/true');
  expect(readFileSync(victim, 'utf8')).toBe('as it was');
});

test('§5.ContainerLogger.prepare a program that does not start fails the launch and leaves nothing', async () => {
  const stream = { type: 'command', argv: ['/no/such/program'] } as const;
  const logger = { prepare: () => ({ stdout: stream, stderr: stream }) };
  const scene = await createScene({ createLogger: async () => logger });
  const config = shellConfig(scene.sandbox('none'), 'true');
  const launch = scene.containerizer.launch({ id: rootId('none'), config, environment: {} });
  await launch.catch(() => {});
  expect(await scene.containerizer.containers()).toEqual([]);
  expect(readdirSync(join(scene.root, 'run/io_switchboard/containers'))).toEqual([]);
  await scene.end();
});

test.each(['native', 'shell'] as const)(
  'a program that does not end is ended with its container (%s)',
  async (forker) => {
    const stream = { type: 'command', argv: ['/bin/sh', '-c', 'echo $$ >&2; sleep 1000'] } as const;
    const logger = { prepare: () => ({ stdout: stream, stderr: stream }) };
    const scene = await createScene({ createLogger: async () => logger, forker });
    const id = rootId('stuck');
    const config = shellConfig(scene.sandbox('stuck'), 'echo hello; exit 3');
    await scene.containerizer.launch({ id, config, environment: {} });
    const log = join(scene.root, 'run/io_switchboard/containers/stuck/containers/.stdout/log');
    await until(() => existsSync(log) && readFileSync(log, 'utf8').endsWith('\n'));
    const pid = Number(readFileSync(log, 'utf8'));
    expect(await scene.containerizer.wait(id)).toEqual({ status: 3 << 8 });
    expect(await readStat(pid)).toBeUndefined();
    expect(readdirSync(join(scene.root, 'run/io_switchboard/containers'))).toEqual([]);
    await scene.end();
  },
);
