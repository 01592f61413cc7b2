// Cycles in which roles have quota, and cycles that find nothing to give.

import { Cluster, ms, quota, resources, timed } from './cluster.ts';
import type { Row } from './rounds.ts';

const AGENT = 'cpus:2;mem:2048;disk:2048';
type SorterName = 'drf' | 'random';

function build(
  sorter: SorterName,
  agents: number,
  roles: readonly string[],
  frameworksPerRole: number,
): Cluster {
  const cluster = new Cluster({ roleSorter: sorter, frameworkSorter: sorter, minAllocatable: [] });
  const total = resources(AGENT);
  const growing = timed(() => {
    for (let i = 0; i < agents; i++) cluster.addAgent(`agent-${i}`, total);
    cluster.settle();
  });
  console.log(`Added ${agents} agents in ${ms(growing)}`);
  cluster.allocator.pause();
  const adding = timed(() => {
    for (const role of roles) {
      for (let i = 0; i < frameworksPerRole; i++)
        cluster.addFramework(`framework_${role}-${i}`, [role]);
    }
    cluster.settle();
  });
  console.log(`Added ${roles.length * frameworksPerRole} frameworks in ${ms(adding)}`);
  return cluster;
}

function twoCycles(cluster: Cluster): void {
  const first = timed(() => cluster.cycle());
  console.log(`Made ${cluster.callbacks} allocations in ${ms(first)}`);
  const before = cluster.callbacks;
  const second = timed(() => cluster.cycle());
  console.log(`Made ${cluster.callbacks - before} allocation in ${ms(second)}`);
}

export function largeAndSmallQuota(small: number, large: number, sorter: SorterName): Row {
  return {
    name: `LargeAndSmallQuota (${small},${large}) ${sorter}`,
    run() {
      const smallRoles = Array.from({ length: small }, (_, i) => `smallQuotaRole${i}`);
      const largeRoles = Array.from({ length: large }, (_, i) => `largeQuotaRole${i}`);
      const agents = small / 5 + large * 5;
      const cluster = build(sorter, agents, [...smallRoles, ...largeRoles], 1);
      console.log(
        `Benchmark setup: ${agents} agents, ${small + large} roles, ${small + large} frameworks, with ${sorter} sorter`,
      );
      const smallQuota = quota('cpus:1;mem:1024;disk:1024');
      const largeQuota = quota('cpus:4;mem:4096;disk:4096');
      for (const role of smallRoles) cluster.allocator.updateQuota(role, smallQuota);
      for (const role of largeRoles) cluster.allocator.updateQuota(role, largeQuota);
      cluster.allocator.resume();
      twoCycles(cluster);
    },
  };
}

export function nonQuotaVsQuota(count: number, hasQuota: boolean, sorter: SorterName): Row {
  return {
    name: `NonQuotaVsQuota ${count} ${hasQuota ? 'quota' : 'no quota'} ${sorter}`,
    run() {
      const roles = Array.from({ length: count }, (_, i) => `role${i}`);
      const cluster = build(sorter, count * 2, roles, 2);
      const twoAgents = quota('cpus:4;mem:4096;disk:4096');
      if (hasQuota) for (const role of roles) cluster.allocator.updateQuota(role, twoAgents);
      cluster.allocator.resume();
      console.log(
        `${hasQuota ? 'Quota' : 'Nonquota'} run setup: ${count * 2} agents, ${count} roles, ${count * 2} frameworks, with ${sorter} sorter`,
      );
      twoCycles(cluster);
    },
  };
}
