import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import { afterAll, describe, expect, test } from 'vitest';
import { createHomesScene } from './scene.ts';

const scene = createHomesScene();
afterAll(scene.end);

const isolator = `
import { defineModule } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Isolator',
  name: 'test',
  create: (context) => ({
    supportsNesting: true,
    async prepare(id, config) {
      context.log.info('preparing ' + id.value);
      context.metrics.counter('prepared').increment();
      await context.containers.set(id, { user: config.user });
      return { environment: { variables: [{ name: 'A', type: 'VALUE', value: config.directory }] } };
    },
    async update(id, requests, limits) {
      if (requests.toString() !== 'cpus:2' || limits.mem.value !== Infinity) throw new Error(requests.toString());
    },
    watch: (id, signal) => new Promise((resolve, reject) => {
      if (id.value === 'greedy') resolve({ message: 'too much', reason: 'REASON_CONTAINER_LIMITATION_MEMORY' });
      signal.addEventListener('abort', () => reject(new Error('no longer')));
    }),
    async usage() { return { memRssBytes: 1024 }; },
    async cleanup(id) {
      if (id.value === 'broken') throw new Error('cannot clean up ' + id.value);
    },
  }),
});
`;

describe.each(['daemon', 'worker', 'process'] as const)('in a home of its own: %s', (home) => {
  test('an isolator is the same everywhere', async () => {
    const { instance, ...housed } = await scene.house('Isolator', home, isolator);
    const id = { value: 'c1' };
    const signal = new AbortController();
    const pending = instance.watch?.(id, signal.signal);
    expect({
      nesting: instance.supportsNesting,
      standalone: instance.supportsStandalone,
      isolate: instance.isolate,
      prepare: await instance.prepare?.(id, { directory: '/d', commandInfo: {} }),
      update: await instance.update?.(id, unwrap(Resources.parse('cpus:2')), {
        mem: { value: Number.POSITIVE_INFINITY },
      }),
      watch: await instance.watch?.({ value: 'greedy' }, signal.signal),
      usage: await instance.usage?.(id),
      cleanup: await instance.cleanup?.(id),
    }).toEqual({
      nesting: true,
      standalone: undefined,
      isolate: undefined,
      prepare: { environment: { variables: [{ name: 'A', type: 'VALUE', value: '/d' }] } },
      update: undefined,
      watch: { message: 'too much', reason: 'REASON_CONTAINER_LIMITATION_MEMORY' },
      usage: { memRssBytes: 1024 },
      cleanup: undefined,
    });
    await expect(instance.cleanup?.({ value: 'broken' })).rejects.toThrow('cannot clean up broken');
    signal.abort();
    await expect(pending).rejects.toThrow();
    expect(scene.lines).toContain('info: preparing c1');
    const figures = Object.fromEntries(housed.metrics());
    expect(figures).toMatchObject({
      ...{ calls: 7, failures: 1, timeouts: 0, nonsense: 0, refused: 0, pending: 0 },
      ...{ restarts: 0, breaker_open: 0, p50_ms: expect.any(Number), p99_ms: expect.any(Number) },
    });
  });
});
