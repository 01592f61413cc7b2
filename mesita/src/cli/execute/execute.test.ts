import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Offer } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { type ExecuteFlags, readExecuteFlags } from './flags.ts';
import { frameworkOf, taskOn } from './launch.ts';

const GOOD = ['--master=m:5050', '--name=t', '--command=true'];

function flagsOf(...more: string[]): ExecuteFlags {
  const start = readExecuteFlags([...GOOD, ...more]);
  if (start.kind !== 'run') throw new Error(JSON.stringify(start));
  return start.flags;
}

test.each([
  [['--master=m:5050'], 'Missing required option --name'],
  [['--master=m:5050', '--name=t'], 'Missing required option --command'],
  [[...GOOD, '--no-shell'], '--no-shell is not supported yet'],
  [[...GOOD, '--task_group={}'], "Flag 'task_group' is not supported yet"],
  [[...GOOD, '--docker_image=busybox'], "Flag 'docker_image' is not supported yet"],
  [[...GOOD, '--content_type=xml'], "Invalid content type 'xml'"],
  [[...GOOD, '--env={"A":1}'], "The value of 'A' in --env is not a string"],
  [[...GOOD, '--resources=cpus'], /^Failed to parse resources 'cpus': /],
])('refuses %j', (argv, message) => {
  expect(readExecuteFlags(argv)).toMatchObject({
    kind: 'refused',
    error: { message: typeof message === 'string' ? message : expect.stringMatching(message) },
  });
});

test('who asks is told by a pair, a file, or the file that a variable names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesita-execute-'));
  const file = join(folder, 'ann');
  writeFileSync(file, '{"principal": "ann", "secret": "s"}');
  const who = (env: Record<string, string>, ...more: string[]) => {
    const start = readExecuteFlags([...GOOD, ...more], env);
    return start.kind === 'run' ? [start.flags.principal, start.flags.secret] : start;
  };
  const variable = { MESITA_CREDENTIAL: file };
  expect(who({})).toEqual([undefined, undefined]);
  expect(who({}, `--credential=${file}`)).toEqual(['ann', 's']);
  expect(who(variable)).toEqual(['ann', 's']);
  expect(who(variable, '--principal=bob')).toEqual(['bob', undefined]);
  expect(who({}, `--credential=${file}`, '--secret=x')).toMatchObject({ kind: 'refused' });
  rmSync(folder, { recursive: true });
});

function offer(role: string, resources: Offer['resources']): Offer {
  return {
    id: { value: 'O' },
    frameworkId: { value: 'F' },
    agentId: { value: 'A' },
    hostname: 'h',
    allocationInfo: { role },
    resources,
  };
}

const allocationInfo = { role: 'r' };
const reserved = [{ type: 'STATIC' as const, role: 'r' }];
const scalar = (name: string, value: number) => ({
  name,
  type: 'SCALAR' as const,
  scalar: { value },
});

test('takes what the task needs, reserved resources first', () => {
  const flags = flagsOf('--role=r', '--resources=cpus:2;mem:64', '--env={"A":"b"}');
  const offered = [
    { ...scalar('cpus', 1), reservations: reserved, allocationInfo },
    { ...scalar('cpus', 4), allocationInfo },
    { ...scalar('mem', 128), allocationInfo },
  ];
  const task = taskOn(offer('r', offered), flags);
  expect(task).toMatchObject({
    taskId: { value: 't' },
    agentId: { value: 'A' },
    command: { value: 'true', environment: { variables: [{ name: 'A', value: 'b' }] } },
  });
  expect(task?.resources).toHaveLength(3);
  expect(task?.resources).toContainEqual({
    ...scalar('cpus', 1),
    reservations: reserved,
    allocationInfo,
  });
  expect(task?.resources).toContainEqual({ ...scalar('mem', 64), allocationInfo });
});

test('leaves an offer that is too small', () => {
  expect(taskOn(offer('*', [scalar('cpus', 0.5), scalar('mem', 1024)]), flagsOf())).toBeUndefined();
});

test('asks for the capabilities that Mesos asks for', () => {
  const types = (flags: ExecuteFlags) => frameworkOf(flags).capabilities?.map(({ type }) => type);
  expect(types(flagsOf())).toContain('PARTITION_AWARE');
  expect(types(flagsOf('--no-partition_aware'))).not.toContain('PARTITION_AWARE');
});
