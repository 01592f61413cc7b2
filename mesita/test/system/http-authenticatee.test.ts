// A framework that proves itself by a scheme of a user's own making: both sides are modules.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon } from '../harness/cluster.ts';

// Each ticket is good for one request, so that each has to be asked for.
const tickets = `
import { createHash } from 'node:crypto';
import { defineModule, param } from '@mesita/sdk/module';

const sign = (key: string, number: number) =>
  createHash('sha256').update(key + number).digest('hex');
const parameters = { key: param.secret({ required: true, help: 'What both sides know.' }) };

export const office = defineModule({
  kind: 'HttpAuthenticator',
  name: 'TicketOffice',
  parameters,
  create(_context, { key }) {
    let last = 0;
    return {
      scheme: 'Ticket',
      authenticate({ headers }) {
        const [scheme, number, signature] = (headers.authorization ?? '').split(' ');
        if (scheme !== 'Ticket' || Number(number) <= last || signature !== sign(key, Number(number)))
          return { unauthorized: { challenges: ['Ticket'], body: 'no ticket' } };
        last = Number(number);
        return { principal: { value: 'traveller' } };
      },
    };
  },
});

export const traveller = defineModule({
  kind: 'HttpAuthenticatee',
  name: 'Traveller',
  parameters,
  create(_context, { key }) {
    let number = 0;
    return {
      scheme: 'Ticket',
      async authenticate({ method, path, remoteAddress }, credential) {
        if (method !== 'POST' || path !== '/api/v1/scheduler' || remoteAddress !== '127.0.0.1')
          throw new Error('where does this go?');
        number += 1;
        return { Authorization: ['Ticket', number, sign(key + (credential?.secret ?? ''), number)].join(' ') };
      },
      reset() {
        number += 100;
      },
    };
  },
});
`;

let cluster: Cluster;
let master: Daemon;
const manifest = (module: string, key = 'k', home = 'daemon') =>
  JSON.stringify({
    libraries: {
      file: join(cluster.folder, 'tickets.ts'),
      modules: { name: module, home, parameters: { key: 'key', value: key } },
    },
  });

beforeAll(async () => {
  cluster = createCluster();
  writeFileSync(join(cluster.folder, 'tickets.ts'), tickets);
  master = await cluster.startMaster(
    '--registry=in_memory',
    '--allocation_interval=100ms',
    '--authenticate_http_frameworks',
    '--http_framework_authenticators=TicketOffice',
    `--modules=${manifest('TicketOffice')}`,
  );
  await cluster.startAgent({ master });
});
afterAll(() => cluster.stop());

async function execute(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dirname, '../../dist/mesos-execute.js');
  const name = `t${Math.trunc(performance.now())}`;
  const fixed = [`--master=127.0.0.1:${master.port}`, `--name=${name}`, '--command=echo arrived'];
  const child = spawn(process.execPath, [script, ...fixed, ...flags], {
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { status, stdout, stderr: stderr.replaceAll(cluster.folder, '<folder>') };
}

test('§4.HttpAuthenticatee §5.HttpAuthenticatee.authenticate the module named is asked for each request', async () => {
  const { status, stdout, stderr } = await execute([
    '--http_authenticatee=Traveller',
    '--principal=traveller',
    `--modules=${manifest('Traveller')}`,
  ]);
  expect([status, stdout, stderr]).toEqual([0, 'arrived\n', expect.any(String)]);
});

test('§2.4 §5.HttpAuthenticatee.reset a refused ticket is told to the module, which is asked once more; from the environment too', async () => {
  // Its numbers begin at 1 again: the first is refused, the one after the reset is good.
  const { status, stdout, stderr } = await execute([], {
    MESOS_HTTP_AUTHENTICATEE: 'Traveller',
    MESOS_MODULES: manifest('Traveller', 'k', 'worker'),
  });
  expect([status, stdout, stderr]).toEqual([0, 'arrived\n', expect.any(String)]);
});

test.each([
  ['without the module', [], /127\.0\.0\.1:\d+: no ticket\n/],
  [
    'with another key',
    () => ['--http_authenticatee=Traveller', `--modules=${manifest('Traveller', 'other')}`],
    /: no ticket\n/,
  ],
  [
    'a module that nobody loaded',
    ['--http_authenticatee=Traveller'],
    /^mesos-execute: Failed to load HTTP authenticatee: Module 'Traveller' unknown\n/,
  ],
  [
    'a manifest of a missing file',
    ['--modules={"libraries":{"file":"/nosuch.ts","modules":{"name":"x"}}}'],
    /^mesos-execute: Error loading modules: Error opening library: '\/nosuch\.ts': /,
  ],
  [
    '§2.3 both flags of manifests',
    () => ['--modules_dir=/tmp', `--modules=${manifest('Traveller')}`],
    /^mesos-execute: Only one of --modules or --modules_dir should be specified\n/,
  ],
] as const)('is refused: %s', async (_title, flags, text) => {
  const { status, stderr } = await execute(typeof flags === 'function' ? flags() : flags);
  expect(status).toBe(1);
  expect(stderr).toMatch(text);
});
