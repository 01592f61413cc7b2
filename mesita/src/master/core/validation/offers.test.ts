import { expect, test } from 'vitest';
import type { KnownOffer } from './offers.ts';
import { validateInverseOffers, validateOffers } from './offers.ts';

const known: Record<string, KnownOffer> = {
  a: { frameworkId: 'fw', agentId: 'agent', role: 'r' },
  b: { frameworkId: 'fw', agentId: 'agent', role: 'r' },
  otherFramework: { frameworkId: 'other', agentId: 'agent', role: 'r' },
  otherRole: { frameworkId: 'fw', agentId: 'agent', role: 's' },
  otherAgent: { frameworkId: 'fw', agentId: 'second', role: 'r' },
};
const ids = (...values: string[]) => values.map((value) => ({ value }));
const validate = (...values: string[]) => validateOffers(ids(...values), 'fw', (id) => known[id]);

test('offers are used together or refused', () => {
  expect([
    validate('a', 'b'),
    validate(),
    validate('a', 'a'),
    validate('gone'),
    validate('otherFramework'),
    validate('a', 'otherRole'),
    validate('a', 'otherAgent'),
    validateInverseOffers(ids('gone'), 'fw', () => undefined),
  ]).toEqual([
    undefined,
    'No offers specified',
    'Duplicate offer a in offer list',
    'Offer gone is no longer valid',
    'Offer otherFramework has invalid framework other while framework fw is expected',
    "Aggregated offers must be allocated to the same role. Offer otherRole uses role 's but another is using role 'r",
    'Aggregated offers must belong to one single agent. Offer otherAgent uses agent second and agent agent',
    'Inverse offer gone is no longer valid',
  ]);
});
