import { err, ok } from '@mesita/sdk/base';
import { param } from '@mesita/sdk/module';
import { expect, expectTypeOf, test } from 'vitest';
import * as acls from '../wire/schema/acls.ts';
import { Firewall } from '../wire/schema/flags.ts';
import { flag, group } from './flag.ts';
import { load } from './load.ts';
import { message, secureText, unsigned, wordSet } from './param-types.ts';

const spec = group('All', {
  work_dir: flag(param.string({ required: true, help: '' })),
  hostname_lookup: flag(param.bool({ default: true, help: '' })),
  agent_ping_timeout: flag(param.duration({ default: '15secs', help: '' }), {
    alias: 'slave_ping_timeout',
  }),
  limit: flag(unsigned({ default: 5 })),
  names: flag(wordSet({ help: '' })),
  acls: flag(message(acls.ACLs, 'text', { help: '' })),
  firewall_rules: flag(message(Firewall, 'text', { help: '' })),
  credentials: flag(param.path({ help: '' })),
  zk: flag(secureText({ help: '' }), { supported: false }),
  launcher_dir: flag(param.string({ default: '/static', help: '' }), { supported: false }),
  rate: flag(param.bytes({ default: '2KB', help: '' }), {
    build: 'port-mapping',
    supported: false,
  }),
});

const files: Readonly<Record<string, string>> = {
  '/acls': '{"permissive": true}',
  '/zk': 'zk://user:word@host:1/mesos',
};

function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return load(spec, {
    argv,
    env,
    prefix: 'MESOS_',
    readFile: (path) =>
      files[path] === undefined ? err('No such file or directory') : ok(files[path]),
    defaults: { launcher_dir: '/host' },
  });
}

function loaded(argv: readonly string[], env?: Readonly<Record<string, string>>) {
  const result = run(['--work_dir=/w', ...argv], env);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

test('types follow the parameters', () => {
  const { values } = loaded([]);
  expectTypeOf(values.agentPingTimeout).toEqualTypeOf<number>();
  expectTypeOf(values.workDir).toEqualTypeOf<string>();
  expectTypeOf(values.credentials).toEqualTypeOf<string | undefined>();
});

test('shows defaults, those of the host too, but not those of optional builds', () => {
  expect(Object.fromEntries(loaded([]).shown)).toEqual({
    work_dir: '/w',
    hostname_lookup: 'true',
    agent_ping_timeout: '15secs',
    limit: '5',
    launcher_dir: '/host',
  });
});

test('an old name works, warns, and is the one shown', () => {
  const { values, shown, warnings } = loaded(['--slave_ping_timeout=1.5mins']);
  expect(values.agentPingTimeout).toBe(90_000);
  expect([shown.get('slave_ping_timeout'), shown.has('agent_ping_timeout')]).toEqual([
    '90secs',
    false,
  ]);
  expect(warnings).toEqual(["Loaded deprecated flag 'slave_ping_timeout'"]);
});

test('the command line wins over the environment, old names included', () => {
  const env = { MESOS_LIMIT: '7', MESOS_SLAVE_PING_TIMEOUT: '2secs', MESOS_NO: 'x', LIMIT: '9' };
  expect(loaded(['--limit=8'], env).values).toMatchObject({ limit: 8, agentPingTimeout: 2_000 });
  expect(run(['--work_dir=/w', '--agent_ping_timeout=1secs'], env)).toMatchObject({
    error: { message: "Flag 'slave_ping_timeout' is already loaded via name 'agent_ping_timeout'" },
  });
});

test('arguments that are no flags, and all after --, are skipped', () => {
  expect(loaded(['x', '-limit=9', '--', '--nosuch']).values.limit).toBe(5);
});

test('messages are read from a file by its plain path, with a warning', () => {
  const { shown, warnings } = loaded([
    '--acls=/acls',
    '--firewall_rules={"disabled_endpoints":{"paths":["/a\\"b"]}}',
  ]);
  expect(shown.get('acls')).toBe('permissive: true\n');
  expect(shown.get('firewall_rules')).toBe('disabled_endpoints {\n  paths: "/a\\"b"\n}\n');
  expect(warnings[0]).toMatch(/^Specifying an absolute filename/);
});

test('paths stay paths; an address from a file is shown as the file', () => {
  const { values, shown, unsupported } = loaded([
    '--credentials=file:///secret',
    '--zk=file:///zk',
    '--names=a,b',
  ]);
  expect(values).toMatchObject({ credentials: '/secret', zk: files['/zk'] });
  expect([shown.get('zk'), shown.get('names')]).toEqual(['/zk', '{ a, b }']);
  expect(unsupported).toEqual(['zk']);
});

test('a default spelt out asks for nothing', () => {
  expect(loaded(['--launcher_dir=/host', '--rate=2KB']).unsupported).toEqual([]);
  expect(loaded(['--launcher_dir=/static', '--rate=3KB']).unsupported).toEqual([
    'launcher_dir',
    'rate',
  ]);
});

test.each([
  [['--limt=1'], "Failed to load unknown flag 'limt'", 'limit'],
  [['--hostname-lookup'], "Failed to load unknown flag 'hostname-lookup'", 'hostname_lookup'],
  [['--constructor=1'], "Failed to load unknown flag 'constructor'", undefined],
  [
    ['--limit=x'],
    "Failed to load flag 'limit': Failed to load value 'x': Failed to convert into required type",
    undefined,
  ],
  [
    ['--acls=[]'],
    "Failed to load flag 'acls': Failed to load value '[]': Unexpected JSON type parsed",
    undefined,
  ],
  [[], "Flag 'work_dir' is required, but it was not provided", undefined],
] as const)('refuses %j', (argv, text, suggestion) => {
  expect(run(argv)).toEqual({
    ok: false,
    error: { message: text, ...(suggestion && { suggestion }) },
  });
});
