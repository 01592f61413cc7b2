import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import { expect, test } from 'vitest';
import { createMemory } from './memory.ts';

test('an isolator hears again of what it isolated and did not clean up', () => {
  const memory = createMemory('Isolator');
  const config = { directory: '/d', commandInfo: {} };
  for (const value of ['a', 'b']) {
    memory.called('prepare', [{ value }, config]);
    memory.called('isolate', [{ value }, 7]);
  }
  memory.called('cleanup', [{ value: 'a' }]);
  expect(memory.replay()).toEqual([
    ['recover', [[{ containerId: { value: 'b' }, pid: 7, directory: '/d' }], []]],
  ]);
});

test('an allocator hears again who is there and who holds what', () => {
  const memory = createMemory('Allocator');
  const of = (text: string) => unwrap(Resources.parse(text));
  const total = of('cpus:4;mem:1024');
  const info = { user: 'u', name: 'f', roles: ['r'] };
  memory.called('initialize', ['options', 'callbacks']);
  memory.called('addAgent', ['a', { hostname: 'a' }, [], undefined, total, new Map()]);
  memory.called('addFramework', ['f', info, new Map(), true, { suppressedRoles: new Set() }]);
  memory.heard('offer', ['f', new Map([['r', new Map([['a', total.allocate('r')]])]])]);
  memory.called('recoverResources', ['f', 'a', of('cpus:3').allocate('r'), undefined, false]);
  memory.called('suppressOffers', ['f', new Set()]);
  memory.called('deactivateAgent', ['a']);
  const replayed = memory.replay();
  expect(replayed.map(([method]) => method)).toEqual([
    'initialize',
    'addFramework',
    'addAgent',
    'deactivateAgent',
  ]);
  expect(replayed[1]?.[1][4]).toEqual({ suppressedRoles: new Set(['r']) });
  const used = replayed[2]?.[1][5] as ReadonlyMap<string, Resources>;
  expect(used.get('f')?.equals(of('cpus:1;mem:1024').allocate('r'))).toBe(true);
});

test('others hear again what they were told at their start', () => {
  const memory = createMemory('QoSController');
  expect(memory.replay()).toEqual([]);
  memory.called('initialize', ['usage']);
  memory.called('corrections', []);
  expect(memory.replay()).toEqual([['initialize', ['usage']]]);
});
