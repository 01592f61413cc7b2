// Holds the specs against the table of all of Mesos' flags and what its /flags shows by default.
import { readFileSync } from 'node:fs';
import { err } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { agentProgram } from '../../../src/agent/flags.ts';
import type { FlagSpec } from '../../../src/flags/flag.ts';
import { formatHelp } from '../../../src/flags/help.ts';
import { libprocessFlags } from '../../../src/flags/libprocess.ts';
import { startUp } from '../../../src/flags/startup.ts';
import { masterProgram } from '../../../src/master/flags.ts';

const read = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8');

const [head, ...rows] = read('flags.tsv')
  .trim()
  .split('\n')
  .map((line) => line.split('\t'));
const column = (name: string) => head!.indexOf(name);

const TYPES: Readonly<Record<string, RegExp>> = {
  bool: /^bool$/,
  duration: /^Duration/,
  bytes: /^Bytes/,
  int: /^(int|unsigned|uint16)/,
  float: /^double/,
  path: /^path/,
  list: /^comma list/,
  secret: /^string or file/,
  string: /^string/,
  json: /^(JSON|[A-Z])/,
};

/** What Mesita adds to Mesos' flags. */
const ADDED = {
  master: [
    'allocation_event_delay',
    'allocator_corrections',
    'allocator_parts',
    'allowed_origins',
    'etcd',
    'module_path',
    'record_allocations',
    'record_modules',
  ],
  agent: [
    'allowed_origins',
    'cgroups_memory_high',
    'module_path',
    'record_modules',
    'secret_generator',
  ],
};

test.each([
  ['master', masterProgram.spec],
  ['agent', agentProgram.spec],
] as const)(
  '%s has every flag of the table, of its type and with its old name',
  (scope, spec: FlagSpec) => {
    const mine = rows.filter((row) => [scope, 'logging', 'common'].includes(row[column('scope')]!));
    const names = [...mine.map((row) => row[column('flag')]), ...ADDED[scope]];
    expect(Object.keys(spec).sort()).toEqual(names.sort());
    for (const row of mine) {
      const name = row[column('flag')]!;
      const flag = spec[name]!;
      expect(row[column('type')], name).toMatch(TYPES[flag.param.type]!);
      const oldName =
        row[column('old_name')] || /^old name (\w+)/.exec(row[column('rules')] ?? '')?.[1];
      expect(flag.alias, name).toBe(oldName || undefined);
      expect(flag.param.default === undefined, name).toBe(/^\(none/.test(row[column('default')]!));
    }
  },
);

test.each([
  [
    'master',
    [
      '--registry=in_memory',
      '--ip=127.0.0.1',
      '--work_dir=/var/lib/mesos/master',
      '--cluster=cppref',
      '--log_dir=/var/lib/mesos/log',
    ],
  ],
  [
    'agent',
    [
      '--ip=127.0.0.1',
      '--work_dir=/var/lib/mesos/agent',
      '--master=127.0.0.1:5050',
      '--log_dir=/var/lib/mesos/log',
      '--attributes=rack:r1;zone:eu;level:3',
      '--resources=cpus:4;mem:4096;disk:10240;ports:[31000-32000]',
      '--isolation=posix/cpu,posix/mem,filesystem/posix',
      '--no-systemd_enable_support',
      '--runtime_dir=/var/lib/mesos/agentrun',
    ],
  ],
] as const)('/flags of the %s shows what Mesos showed', (daemon, argv) => {
  const source = {
    argv,
    env: {},
    readFile: () => err('none'),
    defaults:
      daemon === 'master'
        ? { webui_dir: '/usr/libexec/mesos' }
        : {
            launcher_dir: '/usr/libexec/mesos',
            fetcher_cache_dir: '/var/cache/mesos/fetch',
            appc_store_dir: '/var/cache/mesos/store/appc',
            docker_store_dir: '/var/cache/mesos/store/docker',
          },
  };
  const startup =
    daemon === 'master' ? startUp(masterProgram, source, '') : startUp(agentProgram, source, '');
  if (startup.kind !== 'run') throw new Error(startup.stderr);
  expect(Object.fromEntries(startup.shown)).toEqual(JSON.parse(read(`${daemon}-flags.json`)).flags);
});

/** Whatever is not built may be asked for as it is: nothing is asked for then. */
test.each([
  ['master', masterProgram, ['--registry=in_memory']],
  ['agent', agentProgram, ['--master=127.0.0.1:5050', '--work_dir=/w']],
] as const)(
  'the %s takes the default of every flag that is not supported yet',
  (_, program, base) => {
    const spelt = (spec: FlagSpec) =>
      Object.entries(spec).flatMap(([name, { supported, param }]) =>
        supported || param.default === undefined
          ? []
          : [[name, param.format(param.default as never)] as const],
      );
    const source = {
      argv: [...base, ...spelt(program.spec).map(([name, text]) => `--${name}=${text}`)],
      env: Object.fromEntries(
        spelt(libprocessFlags).map(([name, text]) => [`LIBPROCESS_${name.toUpperCase()}`, text]),
      ),
      readFile: () => err('none'),
    };
    const startup =
      program === masterProgram
        ? startUp(masterProgram, source, '')
        : startUp(agentProgram, source, '');
    expect(startup).toMatchObject({ kind: 'run', unsupported: [] });
  },
);

test('a registry that is to be initialised by hand is refused where there is one', () => {
  const start = (...argv: string[]) =>
    startUp(masterProgram, { argv, env: {}, readFile: () => err('none') }, '');
  expect(start('--work_dir=/w', '--no-log_auto_initialize')).toMatchObject({
    kind: 'exit',
    status: 1,
    stderr: expect.stringContaining('--no-log_auto_initialize is not supported: '),
  });
  expect(start('--registry=in_memory', '--no-log_auto_initialize').kind).toBe('run');
});

test('the help names every flag, and tells what waits', () => {
  const help = formatHelp(agentProgram, agentProgram.spec);
  for (const name of Object.keys(agentProgram.spec)) expect(help).toContain(name);
  expect(help).toContain(
    '  --work_dir=<string>\n      Persistent directory of the agent. (required)',
  );
  expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});
