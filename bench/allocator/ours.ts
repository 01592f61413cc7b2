// What the real allocator's benchmarks do not ask.

import type { FrameworkId } from '@mesita/sdk/base';
import { Cluster, resources } from './cluster.ts';
import type { Row, Took } from './measure.ts';
import { ms, timed } from './measure.ts';

const DELAY_MS = 5;

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function spread(took: readonly Took[]): string {
  const times = took.map(({ wallMs }) => wallMs).sort((a, b) => a - b);
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
    run(report) {
      const cluster = new Cluster();
      for (let i = 0; i < frameworks; i++)
        cluster.addFramework(`framework${i}`, [`role${i % 100}`]);
      fill(cluster, agents);
      const total = resources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
      const times: Took[] = [];
      for (let i = 0; i < 1000; i++) {
        times.push(
          timed(() => {
            cluster.addAgent(`late${i}`, total);
            cluster.settle();
          }),
        );
      }
      for (const took of times) report.figure('event', took);
      report.say(`One agent added and offered among ${agents}: ${spread(times)}`);
    },
  };
}

/** Resources come back; how much later, on the cluster's clock and on ours, are they offered? */
export function freedToOffer(agents: number, frameworks: number): Row {
  return {
    name: `FreedToOffer ${agents} x ${frameworks}`,
    run(report) {
      const cluster = new Cluster({ recoveredOfferDelayMs: DELAY_MS });
      for (let i = 0; i < frameworks; i++) cluster.addFramework(`framework${i}`, ['*']);
      fill(cluster, agents);
      const times: Took[] = [];
      for (const { framework, agent, resources: freed } of cluster.takeOffers().slice(0, 1000)) {
        cluster.allocator.transitionOfferedToAllocated(agent, freed);
        const took = timed(() => {
          cluster.allocator.recoverResources(framework, agent, freed, undefined, true);
          cluster.clock.advance(DELAY_MS);
        });
        if (cluster.takeOffers().length === 0) throw new Error('not offered again');
        times.push({ ...took, wallMs: took.wallMs + DELAY_MS });
        report.figure('computing', took);
      }
      report.say(`Freed to offered, among ${agents} agents: ${spread(times)}`);
    },
  };
}

/** Thousands who decline everything, and one who wants something. */
export function idleDecliners(agents: number, decliners: number): Row {
  return {
    name: `IdleDecliners ${agents} x ${decliners}`,
    run(report) {
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
      const took: Took[] = [timed(() => cluster.settle())];
      while (!cluster.offers.some(({ framework }) => framework === hungry)) {
        decline();
        took.push(timed(() => cluster.cycle()));
        cycles++;
      }
      for (const one of took) report.figure('cycle', one);
      report.say(
        `The hungry one among ${decliners} decliners was offered after ${cycles} cycles; a run takes ${spread(took)}`,
      );
    },
  };
}

/** What a large cluster weighs: every agent in use and on offer. */
export function memory(agents: number, frameworks: number): Row {
  return {
    name: `Memory ${agents} x ${frameworks}`,
    run(report) {
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      const cluster = new Cluster();
      for (let i = 0; i < frameworks; i++)
        cluster.addFramework(`framework${i}`, [`role${i % 100}`]);
      for (let i = 0; i < agents; i++) {
        const framework = cluster.frameworks[i % frameworks] as FrameworkId;
        const used = resources('cpus:1;mem:128').allocate(`role${(i % frameworks) % 100}`);
        const total = resources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
        cluster.addAgent(`agent${i}`, total, new Map([[framework, used]]));
      }
      cluster.settle();
      globalThis.gc?.();
      const heap = process.memoryUsage().heapUsed - before;
      // Asked for afterwards, so that the cluster is still there when it is weighed.
      const offers = cluster.takeOffers().length;
      const precision = globalThis.gc === undefined ? ', with garbage' : '';
      report.say(
        `${agents} agents, ${frameworks} frameworks and ${offers} offers take ${Math.round(heap / 1e6)} MB of heap${precision}`,
      );
    },
  };
}
