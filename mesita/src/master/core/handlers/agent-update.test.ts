import type { StreamId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { masterMetrics } from '../metrics.ts';
import { agentPid, createWorld, register, subscribe } from '../testing/world.ts';

const stream = 'stream' as StreamId;
const cpus = (value: number, more: Partial<Resource> = {}): Resource => ({
  name: 'cpus',
  type: 'SCALAR',
  scalar: { value },
  ...more,
});
const lent = (value: number) => cpus(value, { revocable: {} });

function start() {
  const world = createWorld();
  const agentId = register(world);
  const frameworkId = subscribe(world, { capabilities: [{ type: 'REVOCABLE_RESOURCES' }] });
  return {
    world,
    agentId,
    frameworkId,
    total: () => String(world.state.agents.registered.get(agentId)?.total),
    lend: (oversubscribedResources: Resource[], updateOversubscribedResources?: boolean) =>
      world.step({
        type: 'UpdateAgent',
        from: agentPid,
        message: {
          agentId: { value: agentId },
          oversubscribedResources,
          ...(updateOversubscribedResources !== undefined && { updateOversubscribedResources }),
        },
      }),
  };
}

/** The allocator offers it; answers the offer's id. */
function offerOf(
  { world, agentId, frameworkId }: ReturnType<typeof start>,
  what: Resource,
): string {
  const resources = Resources.of([what]).allocate('*');
  const offers = new Map([['*', new Map([[agentId, resources]])]]);
  world.step({ type: 'OffersMade', frameworkId, resources: offers });
  const made = world.events(stream).findLast(({ type }) => type === 'OFFERS');
  return made?.offers?.offers?.[0]?.id.value ?? '';
}

test('offers of lent resources are rescinded when what is lent changes, others stay', () => {
  const scene = start();
  scene.lend([lent(2)], true);
  const firm = offerOf(scene, cpus(1));
  const loan = offerOf(scene, lent(1));
  scene.lend([lent(2)], true);
  const rescinded = () =>
    scene.world.events(stream).flatMap(({ rescind }) => rescind?.offerId.value ?? []);
  expect(rescinded()).toEqual([]);
  scene.lend([lent(1.5)], true);
  expect([rescinded(), [...scene.world.state.offers.keys()]]).toEqual([[loan], [firm]]);
});

test('what does not speak of lent resources leaves them; older agents always speak of them', () => {
  const { lend, total } = start();
  const totals = [true, false, undefined].map((flag, index) => {
    lend(flag === false ? [] : [lent(2 + index)], flag);
    return total();
  });
  expect(totals).toEqual([
    'cpus:4; mem:1024; cpus{REV}:2',
    'cpus:4; mem:1024; cpus{REV}:2',
    'cpus:4; mem:1024; cpus{REV}:4',
  ]);
});

test('nothing that cannot be revoked is taken for lent', () => {
  const { lend, total, world } = start();
  lend([cpus(100), lent(1)], true);
  expect(total()).toBe('cpus:4; mem:1024; cpus{REV}:1');
  const metrics = masterMetrics(world.state, 0);
  expect(
    ['cpus_total', 'cpus_revocable_total'].map((name) => metrics.get(`master/${name}`)),
  ).toEqual([4, 1]);
});

test('an agent that was registered by a late word of its earlier life registers anew', () => {
  const { world, agentId } = start();
  const version = (byte: number) => ({ value: new Uint8Array(16).fill(byte) });
  const tell = (byte: number) =>
    world.step({
      type: 'UpdateAgent',
      from: agentPid,
      message: { agentId: { value: agentId }, resourceVersionUuid: version(byte) },
    });
  tell(1);
  world.clear();
  tell(1);
  expect(world.messages('PingSlaveMessage')).toEqual([]);
  tell(2);
  tell(2);
  expect(world.messages('PingSlaveMessage')).toEqual([{ connected: false }]);
});
