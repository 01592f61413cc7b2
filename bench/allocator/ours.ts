// What the real allocator's benchmarks do not ask.

import { Cluster, ms, resources, timed } from './cluster.ts';
import type { Row } from './rounds.ts';

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function spread(times: number[]): string {
  times.sort((a, b) => a - b);
  return `p50 ${ms(percentile(times, 0.5))}, p99 ${ms(percentile(times, 0.99))}`;
}

function fill(cluster: Cluster, agents: number): void {
  const total = resources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
  for (let i = 0; i < agents; i++) cluster.addAgent(`agent${i}`, total);
  cluster.settle();
}

/** One agent comes into a large cluster. */
export function oneEvent(agents: number, frameworks: number): Row {
  return {
    name: `OneEvent ${agents} x ${frameworks}`,
    run() {
      const cluster = new Cluster();
      for (let i = 0; i < frameworks; i++)
        cluster.addFramework(`framework${i}`, [`role${i % 100}`]);
      fill(cluster, agents);
      const total = resources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
      const times: number[] = [];
      for (let i = 0; i < 1000; i++) {
        times.push(
          timed(() => {
            cluster.addAgent(`late${i}`, total);
            cluster.settle();
          }),
        );
      }
      console.log(`One agent added and offered among ${agents}: ${spread(times)}`);
    },
  };
}

/** Resources come back; how much later, on the cluster's clock and on ours, are they offered? */
export function freedToOffer(agents: number, frameworks: number): Row {
  return {
    name: `FreedToOffer ${agents} x ${frameworks}`,
    run() {
      const cluster = new Cluster({ recoveredOfferDelayMs: 5 });
      for (let i = 0; i < frameworks; i++) cluster.addFramework(`framework${i}`, ['*']);
      fill(cluster, agents);
      const times: number[] = [];
      for (const { framework, agent, resources: freed } of cluster.takeOffers().slice(0, 1000)) {
        times.push(
          5 +
            timed(() => {
              cluster.allocator.recoverResources(framework, agent, freed, undefined, false);
              cluster.clock.advance(5);
            }),
        );
        if (cluster.takeOffers().length === 0) throw new Error('not offered again');
      }
      console.log(`Freed to offered, among ${agents} agents: ${spread(times)}`);
    },
  };
}

/** Thousands who decline everything, and one who wants something. */
export function idleDecliners(agents: number, decliners: number): Row {
  return {
    name: `IdleDecliners ${agents} x ${decliners}`,
    run() {
      const cluster = new Cluster();
      for (let i = 0; i < decliners; i++) cluster.addFramework(`framework${i}`, ['*']);
      fill(cluster, agents);
      const decline = () => {
        for (const { framework, agent, resources: offered } of cluster.takeOffers()) {
          cluster.allocator.recoverResources(framework, agent, offered, {}, false);
        }
      };
      for (let i = 0; i < 5; i++) {
        decline();
        cluster.cycle();
      }
      decline();
      const hungry = cluster.addFramework('hungry', ['*']);
      let cycles = 0;
      let took = timed(() => cluster.settle());
      while (!cluster.offers.some(({ framework }) => framework === hungry)) {
        decline();
        took += timed(() => cluster.cycle());
        cycles++;
      }
      console.log(
        `The hungry one among ${decliners} decliners was offered after ${cycles} cycles, ${ms(took)}`,
      );
    },
  };
}
