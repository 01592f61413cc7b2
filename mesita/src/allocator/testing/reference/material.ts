// What clusters and events are made of in the comparison.

import type { Random } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import { ResourceQuantities, Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo, scheduler } from '@mesita/sdk/types';

// A shuffle with this chance leaves everything in its place, so both take agents in one order.
export const ORDER_KEEPING: Random = { next: () => 1 - 2 ** -53, uuid: () => '' };

export const ROLES = ['a', 'b', 'c', 'a/x', 'a/x/deep', 'b/y', '*'];
export const TOP_ROLES = ['a', 'b', 'c', '*'];
export const TOTALS = [
  'cpus:4;mem:400',
  'cpus:8;mem:200;ports:[1-9]',
  'cpus:2;mem:100;cpus(a):2;mem(a):100',
  'cpus:4;mem:400;cpus(a/x):1;disk(b):50;ports(b):[20-29]',
  'cpus:4;mem:300;gpus:2',
  'cpus:1.5;mem:64;disk:1000;cpus(c):0.25',
].map((text) => unwrap(Resources.parse(text)));
export const REVOCABLE = Resources.of([
  { name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, revocable: {} },
]);
export const TASKS = [
  'cpus:1;mem:50',
  'cpus:0.5;mem:10',
  'cpus:2',
  'mem:64',
  'cpus:0.001;mem:1',
].map((text) => unwrap(Resources.parse(text)));
export const CAPABILITIES = [
  'SHARED_RESOURCES',
  'GPU_RESOURCES',
  'REVOCABLE_RESOURCES',
  'RESERVATION_REFINEMENT',
] as const;
export const AGENT_CAPABILITIES = ['MULTI_ROLE', 'HIERARCHICAL_ROLE'] as const;
/** A volume that several may use at once, reserved to a role or not. */
export function sharedVolume(role: string | undefined): Resources {
  return Resources.of([
    {
      name: 'disk',
      type: 'SCALAR',
      scalar: { value: 40 },
      ...(role !== undefined && { reservations: [{ type: 'STATIC', role }] }),
      disk: {
        persistence: { id: 'volume' },
        volume: { containerPath: 'data', mode: 'RW' },
      },
      shared: {},
    },
  ]);
}

export const ATTRIBUTES = ['', 'rack:r1', 'rack:r2', 'rack:7', 'rack:r1;rack:r2', 'zone:z'];

const SELECTORS: scheduler.AttributeConstraint.Selector[] = [
  { attributeName: 'rack' },
  { attributeName: 'rack' },
  { attributeName: 'zone' },
  { pseudoattributeType: 'HOSTNAME' },
];
const PREDICATES: scheduler.AttributeConstraint.Predicate[] = [
  { exists: {} },
  { notExists: {} },
  { textEquals: { value: 'r1' } },
  { textNotEquals: { value: 'r1' } },
  { textEquals: { value: 'h0' } },
  { textNotEquals: { value: 'h1' } },
];
export const MINIMUMS = ['', 'cpus:1', 'cpus:2;mem:10', 'mem:101', 'disk:30', 'cpus:100'];

type Pick = <T>(items: readonly T[]) => T;

/** One or two groups of one or two constraints. */
export function someConstraints(role: string, pick: Pick): scheduler.OfferConstraints {
  const constraint = () => ({ selector: pick(SELECTORS), predicate: pick(PREDICATES) });
  const group = () => ({
    attributeConstraints: Array.from({ length: pick([1, 2]) }, constraint),
  });
  return { roleConstraints: { [role]: { groups: Array.from({ length: pick([1, 2]) }, group) } } };
}

export function quantities(text: string): ResourceQuantities {
  return unwrap(ResourceQuantities.parse(text));
}

export function describe(info: FrameworkInfo): string {
  const { name, role, roles, capabilities, offerFilters } = info;
  const can = (capabilities ?? []).map(({ type }) => type).join();
  const own = offerFilters === undefined ? '' : `, minimums ${JSON.stringify(offerFilters)}`;
  return `${name} of ${roles?.join() ?? role} (${can})${own}`;
}
