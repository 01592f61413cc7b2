import { unwrap } from '@mesita/sdk/base';
import { calls, commonCalls, type KindCalls, type Shape } from '@mesita/sdk/module/calls';
import { ResourceLimits, ResourceQuantities, Resources } from '@mesita/sdk/resources';
import { expect, test } from 'vitest';
import { jsonCodecs, liveCodecs, plainCodecs, schemaOf } from './codecs.ts';
import { jsonDialect, plainDialect } from './dialect.ts';

const resources = unwrap(Resources.parse('cpus:2;mem:1024;ports:[31000-31009]'));
const allocator = calls.Allocator.methods;
const quota = {
  guarantees: unwrap(ResourceQuantities.parse('cpus:1')),
  limits: unwrap(ResourceLimits.parse('cpus:4')),
};
const addAgent = [
  'agent-1',
  { hostname: 'a', port: 5051 },
  [{ type: 'MULTI_ROLE' }],
  undefined,
  resources,
  new Map([['framework-1', resources]]),
];

test('what crosses is what was sent, in either dialect', () => {
  for (const dialect of [plainDialect, jsonDialect]) {
    const cross = (method: string, args: readonly unknown[]) => {
      const call = allocator[method]!;
      const packed = dialect.packArgs(call, args);
      const copied =
        dialect === jsonDialect ? JSON.parse(JSON.stringify(packed)) : structuredClone(packed);
      return dialect.unpackArgs(call, copied);
    };
    expect(cross('addAgent', addAgent)).toEqual(addAgent);
    expect(cross('recover', [3, new Map([['web', quota]])])).toEqual([
      3,
      new Map([['web', quota]]),
    ]);
    expect(cross('updateWhitelist', [new Set(['a', 'b'])])).toEqual([new Set(['a', 'b'])]);
    expect(cross('updateWhitelist', [undefined])).toEqual([undefined]);
  }
});

test('JSON is as Mesos writes it', () => {
  expect(jsonDialect.packArgs(allocator.addAgent!, addAgent)).toMatchInlineSnapshot(`
    {
      "agent": "agent-1",
      "capabilities": [
        {
          "type": "MULTI_ROLE",
        },
      ],
      "info": {
        "hostname": "a",
        "port": 5051,
      },
      "total": [
        {
          "name": "cpus",
          "scalar": {
            "value": 2,
          },
          "type": "SCALAR",
        },
        {
          "name": "mem",
          "scalar": {
            "value": 1024,
          },
          "type": "SCALAR",
        },
        {
          "name": "ports",
          "ranges": {
            "range": [
              {
                "begin": 31000,
                "end": 31009,
              },
            ],
          },
          "type": "RANGES",
        },
      ],
      "used": {
        "framework-1": [
          {
            "name": "cpus",
            "scalar": {
              "value": 2,
            },
            "type": "SCALAR",
          },
          {
            "name": "mem",
            "scalar": {
              "value": 1024,
            },
            "type": "SCALAR",
          },
          {
            "name": "ports",
            "ranges": {
              "range": [
                {
                  "begin": 31000,
                  "end": 31009,
                },
              ],
            },
            "type": "RANGES",
          },
        ],
      },
    }
  `);
  expect(jsonDialect.packArgs(allocator.updateQuota!, ['web', quota])).toMatchInlineSnapshot(`
    {
      "quota": {
        "guarantees": {
          "cpus": {
            "value": 1,
          },
        },
        "limits": {
          "cpus": {
            "value": 4,
          },
        },
      },
      "role": "web",
    }
  `);
});

test.each([
  ['a number for a boolean', calls.Authorizer.methods.authorized, 1, 'Expecting a boolean'],
  [
    'a list for a message',
    calls.Isolator.methods.prepare,
    [],
    'Expecting a mesos.slave.ContainerLaunchInfo',
  ],
  [
    'a wrong field deep inside',
    calls.Isolator.methods.prepare,
    { environment: { variables: [{ name: 7 }] } },
    'mesos.v1.Environment.Variable.name is not what it should be',
  ],
  ['a missing field', calls.SecretGenerator.methods.generate, {}, undefined],
  [
    'a text for resources',
    calls.ResourceEstimator.methods.oversubscribable,
    'cpus:1',
    'Expecting Resources',
  ],
  [
    'a mistyped stream',
    calls.ContainerLogger.methods.prepare,
    { stdout: { type: 'pipe' }, stderr: { type: 'path', path: '/x' } },
    'stdout: type: Expecting one of path, command',
  ],
] as const)('%s is nonsense', (_what, call, answer, message) => {
  const read = () => liveCodecs(call!.result).read(answer);
  if (message === undefined) expect(read).not.toThrow();
  else expect(read).toThrow(message);
});

test('resources of strangers are checked', () => {
  const { read } = plainCodecs({ type: 'resources' });
  expect(() => read([{ name: 'cpus', type: 'SCALAR' }])).toThrow();
  expect(() => read([{ name: 1 }])).toThrow('[0]: mesos.v1.Resource.name is not what it should be');
});

test('every message that the tables name exists', () => {
  const visit = (shape: Shape): void => {
    if (shape.type === 'message') expect(schemaOf(shape.name)).toHaveProperty('kind', 'message');
    if (shape.type === 'object') for (const field of Object.values(shape.fields)) visit(field);
    if ('of' in shape) visit(shape.of);
  };
  for (const { methods, callbacks, properties } of [
    ...Object.values(calls),
    commonCalls,
  ] as KindCalls[]) {
    for (const { args, result } of [...Object.values(methods), ...Object.values(callbacks)]) {
      for (const shape of [...Object.values(args), result]) visit(shape);
    }
    for (const shape of Object.values(properties)) visit(shape);
  }
  expect(jsonCodecs({ type: 'bytes' }).write(new Uint8Array([1, 2]))).toBe('AQI=');
});
