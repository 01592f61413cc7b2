// Cycles in which roles have quota, and cycles that find nothing to give.

import { Cluster, quota, resources } from './cluster.ts';
import type { Report, Row } from './measure.ts';
import { ms, timed, timedOnce } from './measure.ts';

const AGENT = 'cpus:2;mem:2048;disk:2048';
type SorterName = 'drf' | 'random';

function build(
  sorter: SorterName,
  agents: number,
  roles: readonly string[],
  frameworksPerRole: number,
  report: Report,
): Cluster {
  const cluster = new Cluster({ roleSorter: sorter, frameworkSorter: sorter, minAllocatable: [] });
  const total = resources(AGENT);
  const growing = timed(() => {
    for (let i = 0; i < agents; i++) cluster.addAgent(`agent-${i}`, total);
    cluster.settle();
  });
  report.say(`Added ${agents} agents in ${ms(growing)}`);
  cluster.allocator.pause();
  const adding = timedOnce(() => {
    for (const role of roles) {
      for (let i = 0; i < frameworksPerRole; i++)
        cluster.addFramework(`framework_${role}-${i}`, [role]);
    }
    cluster.settle();
  });
  report.say(`Added ${roles.length * frameworksPerRole} frameworks in ${ms(adding)}`);
  report.figure('add frameworks', adding);
  return cluster;
}

function twoCycles(cluster: Cluster, report: Report): void {
  const first = timedOnce(() => cluster.cycle());
  report.say(`Made ${cluster.callbacks} allocations in ${ms(first)}`);
  report.figure('first', first);
  const before = cluster.callbacks;
  const second = timedOnce(() => cluster.cycle());
  report.say(`Made ${cluster.callbacks - before} allocation in ${ms(second)}`);
  report.figure('second', second);
}

export function largeAndSmallQuota(small: number, large: number, sorter: SorterName): Row {
  return {
    name: `LargeAndSmallQuota (${small},${large}) ${sorter}`,
    run(report) {
      const smallRoles = Array.from({ length: small }, (_, i) => `smallQuotaRole${i}`);
      const largeRoles = Array.from({ length: large }, (_, i) => `largeQuotaRole${i}`);
      const agents = small / 5 + large * 5;
      const cluster = build(sorter, agents, [...smallRoles, ...largeRoles], 1, report);
      report.say(
        `Benchmark setup: ${agents} agents, ${small + large} roles, ${small + large} frameworks, with ${sorter} sorter`,
      );
      const smallQuota = quota('cpus:1;mem:1024;disk:1024');
      const largeQuota = quota('cpus:4;mem:4096;disk:4096');
      for (const role of smallRoles) cluster.allocator.updateQuota(role, smallQuota);
      for (const role of largeRoles) cluster.allocator.updateQuota(role, largeQuota);
      cluster.allocator.resume();
      twoCycles(cluster, report);
    },
  };
}

export function nonQuotaVsQuota(count: number, hasQuota: boolean, sorter: SorterName): Row {
  return {
    name: `NonQuotaVsQuota ${count} ${hasQuota ? 'quota' : 'no quota'} ${sorter}`,
    run(report) {
      const roles = Array.from({ length: count }, (_, i) => `role${i}`);
      const cluster = build(sorter, count * 2, roles, 2, report);
      const twoAgents = quota('cpus:4;mem:4096;disk:4096');
      if (hasQuota) for (const role of roles) cluster.allocator.updateQuota(role, twoAgents);
      cluster.allocator.resume();
      report.say(
        `${hasQuota ? 'Quota' : 'Nonquota'} run setup: ${count * 2} agents, ${count} roles, ${count * 2} frameworks, with ${sorter} sorter`,
      );
      twoCycles(cluster, report);
    },
  };
}
