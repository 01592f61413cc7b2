import { expect, test } from 'vitest';
import { decode, encode } from './protobuf.ts';
import * as mesos from './schema/mesos.ts';
import * as v1 from './schema/scheduler.ts';
import * as v0 from './schema/v0-scheduler.ts';
import { fromV0Call, toV0Call, withCheckpoint } from './v0.ts';

const frameworkInfo = { user: 'u', name: 'n' };

test("a driver's subscription loses force and keeps the rest", () => {
  const subscribe = { frameworkInfo, force: true, suppressedRoles: ['a'], offerConstraints: {} };
  const sent = encode(v0.Call, { type: 'SUBSCRIBE', subscribe });
  const call = fromV0Call(decode(v0.Call, sent));
  expect(call).toEqual({
    type: 'SUBSCRIBE',
    subscribe: { frameworkInfo, suppressedRoles: ['a'], offerConstraints: {} },
  });
  // As v1 has them, the numbers differ: the suppressed roles would be read as constraints.
  expect(decode(v1.Call, encode(v1.Call, call))).toEqual(call);
});

test('a subscription for v0 always has offer constraints', () => {
  const call = toV0Call({
    type: 'SUBSCRIBE',
    subscribe: { frameworkInfo, suppressedRoles: ['a'] },
  });
  expect(decode(v0.Call, encode(v0.Call, call))).toEqual({
    type: 'SUBSCRIBE',
    subscribe: { frameworkInfo, suppressedRoles: ['a'], offerConstraints: {} },
  });
  expect(toV0Call({ type: 'REVIVE' })).toEqual({ type: 'REVIVE' });
});

test('an agent is sent with checkpoint, once, and with what else it carried', () => {
  const agent = { hostname: 'h', $unknown: Uint8Array.of(0x38, 0, 0xa0, 0x06, 5) };
  const sent = withCheckpoint(withCheckpoint(agent));
  expect(sent.$unknown).toEqual(Uint8Array.of(0x38, 1, 0xa0, 0x06, 5));
  expect(decode(mesos.AgentInfo, encode(mesos.AgentInfo, sent))).toEqual(sent);
  expect(withCheckpoint({ hostname: 'h' }).$unknown).toEqual(Uint8Array.of(0x38, 1));
});
