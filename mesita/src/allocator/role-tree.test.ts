import { unwrap } from '@mesita/sdk/base';
import { ResourceLimits, ResourceQuantities, Resources } from '@mesita/sdk/resources';
import { expect, it } from 'vitest';
import { ResourceNames } from './quantities.ts';
import { RoleQuota } from './quota.ts';
import { RoleTree } from './role-tree.ts';

it('keeps roles as long as a weight, a quota, a reservation or a subscription needs them', () => {
  const names = new ResourceNames();
  const tree = new RoleTree(names);
  const paths = () => [...tree.all()].map(({ path }) => path).sort();
  tree.setWeight('a/b', 2);
  expect(paths()).toEqual(['a', 'a/b']);
  tree.setWeight('a/b', 1);
  expect(paths()).toEqual([]);

  const guarantees = unwrap(ResourceQuantities.parse('cpus:2'));
  tree.setQuota('a', new RoleQuota({ guarantees, limits: ResourceLimits.unlimited }, names));
  const reserved = unwrap(Resources.parse('cpus(a/b):1;ports(a/c):[1-2]'));
  tree.trackReservations(reserved);
  // Ports are no sum: nothing is kept for their role.
  expect(paths()).toEqual(['a', 'a/b']);
  expect(tree.requiredHeadroom.get(0)).toBe(1000);
  expect(tree.root.reservations.get(0)).toBe(1000);

  tree.untrackReservations(reserved);
  expect(paths()).toEqual(['a']);
  expect(tree.requiredHeadroom.get(0)).toBe(2000);
  tree.setQuota('a', new RoleQuota());
  expect(paths()).toEqual([]);
  expect(tree.requiredHeadroom.isEmpty()).toBe(true);
});
