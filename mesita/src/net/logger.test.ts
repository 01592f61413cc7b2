import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { createLog, openLogOutput } from './logger.ts';

const at = new Date(2024, 8, 11, 12, 34, 56, 789).getTime();
const clock: Clock = { now: () => at, setTimer: () => ({ cancel() {} }) };

function record(options: { level?: 'info' | 'warn'; format?: 'text' | 'json' } = {}) {
  const lines: string[] = [];
  const log = createLog({ clock, write: (line) => lines.push(line), ...options });
  return { log, lines: () => lines.map((line) => line.replace(` ${process.pid} `, ' PID ')) };
}

test('a line is glog-like, its fields cannot forge another, and secrets stay hidden', () => {
  const { log, lines } = record();
  log.named('master').info('agent admitted', {
    agentId: 'S-1',
    task: 'a b\nI0911 forged',
    offers: ['o1', 'o2'],
    authToken: 'hush',
    nested: { secret: 'hush' },
    missing: undefined,
    error: new Error('cannot save', { cause: new Error('no disk') }),
  });
  expect(lines()).toEqual([
    'I0911 12:34:56.789000 PID master] agent admitted agentId=S-1 task="a b\\nI0911 forged" ' +
      'offers="[\\"o1\\",\\"o2\\"]" authToken=<hidden> nested="{\\"secret\\":\\"<hidden>\\"}" ' +
      'error="cannot save: no disk"\n',
  ]);
});

test('verbosity shows debug lines for a while; the level hides lesser ones', () => {
  const { log, lines } = record({ level: 'warn' });
  const logger = log.named('x');
  logger.debug('1');
  logger.info('2');
  logger.warn('3');
  log.verbosity.set(1);
  logger.debug('4');
  log.verbosity.set(0);
  logger.info('5');
  expect(lines().map((line) => line.slice(-2, -1))).toEqual(['3', '4']);
});

test('JSON lines hold the same', () => {
  const { log, lines } = record({ format: 'json' });
  log.named('agent').warn('slow', { ms: 5, count: 5n, body: new Uint8Array(3) });
  expect(JSON.parse(lines()[0]!)).toEqual({
    time: new Date(at).toISOString(),
    severity: 'warn',
    pid: process.pid,
    name: 'agent',
    text: 'slow',
    ms: 5,
    count: '5',
    body: '<3 bytes>',
  });
});

test('the log directory holds a file under a name that stays', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mesita-log-'));
  const output = openLogOutput({ program: 'mesos-master', directory, isQuiet: true });
  output.write('line\n');
  output.flush();
  expect(output.path).toBe(join(directory, 'mesos-master.INFO'));
  expect(await readFile(output.path!, 'utf8')).toMatch(/^Log file created at: .*\nline\n$/s);
  await rm(directory, { recursive: true, force: true });
  expect(() => openLogOutput({ program: 'x', directory: '/dev/null/x', isQuiet: true })).toThrow(
    "cannot log to '/dev/null/x'",
  );
});
