import type { ContainerConfig, ContainerLaunchInfo } from '@mesita/sdk/types/containerizer';
import { expect, test } from 'vitest';
import { type MergeInput, mergeLaunchInfo } from './launch-info.ts';

const config: ContainerConfig = {
  directory: '/sandbox',
  user: 'alice',
  commandInfo: {
    value: 'run',
    user: 'alice',
    uris: [{ value: '/x' }],
    environment: {
      variables: [
        { name: 'USERS', value: 'user' },
        { name: 'SECRET', type: 'SECRET' },
      ],
    },
  },
};

function merge(infos: ContainerLaunchInfo[], more: Partial<MergeInput> = {}) {
  return mergeLaunchInfo({
    config,
    infos: infos.map((info, at) => ({ isolator: `i${at}`, info })),
    environment: {},
    sandboxDirectory: '/mnt/sandbox',
    ...more,
  });
}

function environmentOf(result: ReturnType<typeof merge>): Record<string, string | undefined> {
  if (!result.ok) throw new Error(result.error);
  const variables = result.value.environment?.variables ?? [];
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

test.each<[ContainerLaunchInfo[], string]>([
  [[{ rootfs: '/r' }], 'Isolator should not specify rootfs'],
  [[{ user: 'u' }], 'Isolator should not specify user'],
  [
    [{ workingDirectory: '/a' }, { workingDirectory: '/b' }],
    'Multiple isolators specify working directory',
  ],
  [
    [{ effectiveCapabilities: {} }, { effectiveCapabilities: {} }],
    'Multiple isolators specify capabilities',
  ],
  [[{ rlimits: {} }, { rlimits: {} }], 'Multiple isolators specify rlimits'],
  [[{ ttyAgentPath: '/t' }, { ttyAgentPath: '/t' }], 'Multiple isolators specify tty'],
])('conflict %#', (infos, error) => {
  expect(merge(infos)).toEqual({ ok: false, error });
});

test('lists append, scalars replace, numbers are unique', () => {
  const result = merge([
    { maskedPaths: ['/a'], cloneNamespaces: [1, 2], noNewPrivileges: true },
    { maskedPaths: ['/b'], cloneNamespaces: [2, 3], noNewPrivileges: false },
  ]);
  expect(result).toMatchObject({
    ok: true,
    value: {
      maskedPaths: ['/a', '/b'],
      cloneNamespaces: [1, 2, 3],
      noNewPrivileges: false,
      user: 'alice',
      workingDirectory: '/sandbox',
      command: { value: 'run' },
    },
  });
});

test('the command is bare of what was dealt with elsewhere', () => {
  const result = merge([]);
  expect(result.ok && result.value.command).toEqual({ value: 'run' });
});

test('environment: agent < sandbox < isolators < user; secrets are not the user’s to set', () => {
  const info = {
    environment: {
      variables: [
        { name: 'USERS', value: 'isolator' },
        { name: 'SECRET', value: 'resolved' },
        { name: 'AGENTS', value: 'isolator' },
      ],
    },
  };
  const environment = { AGENTS: 'agent', MESOS_SANDBOX: 'agent', KEPT: 'agent' };
  expect(environmentOf(merge([info], { environment }))).toEqual({
    AGENTS: 'isolator',
    KEPT: 'agent',
    MESOS_SANDBOX: '/sandbox',
    SECRET: 'resolved',
    USERS: 'user',
  });
});

test('a DEBUG container takes environment and directory from its parent', () => {
  const parent: ContainerLaunchInfo = {
    workingDirectory: '/parents',
    environment: { variables: [{ name: 'MESOS_SANDBOX', value: '/parents' }] },
  };
  const debug = { ...config, containerClass: 'DEBUG' as const };
  const result = merge([], { config: debug, parent });
  expect(environmentOf(result)).toEqual({ MESOS_SANDBOX: '/parents', USERS: 'user' });
  expect(result.ok && result.value.workingDirectory).toBe('/parents');
});

test('a root file system moves the sandbox', () => {
  const withRoot = { ...config, rootfs: '/rootfs' };
  const result = merge([{ workingDirectory: '/work' }], { config: withRoot });
  expect(environmentOf(result).MESOS_SANDBOX).toBe('/mnt/sandbox');
  expect(result.ok && result.value.workingDirectory).toBe('/work');
});

test('isolators replace a command, but only add to a command task’s', () => {
  const command = { value: 'other', shell: false, arguments: ['other', 'x'] };
  const replaced = merge([{ command }]);
  expect(replaced.ok && replaced.value.command).toEqual(command);
  const taskInfo = {
    name: 't',
    taskId: { value: 't' },
    agentId: { value: 'a' },
    command: { value: 'task', shell: false, arguments: ['task'] },
  };
  const task = { ...config, taskInfo };
  const added = merge([{ command: { arguments: ['--more'] } }], { config: task });
  expect(added.ok && added.value.command).toEqual({
    value: 'task',
    shell: false,
    arguments: ['task', '--more'],
  });
  expect(merge([{ command }], { config: task }).ok).toBe(false);
});
