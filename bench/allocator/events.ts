// What single events cost: agents, frameworks, conversions, metrics.

import type { FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { AGENT_CAPABILITIES, Cluster, ms, quota, resources, timed } from './cluster.ts';
import type { Row } from './rounds.ts';

// How many agents the real allocator has at hand when its next run starts, in the same benchmark.
const AGENTS_PER_RUN = 4;

export function addAndUpdateAgent(agents: number, frameworks: number): Row {
  return {
    name: `AddAndUpdateAgent ${agents} x ${frameworks}`,
    run() {
      console.log(`Using ${agents} agents and ${frameworks} frameworks`);
      const cluster = new Cluster();
      const adding = timed(() => {
        for (let i = 0; i < frameworks; i++)
          cluster.addFramework(`framework${i}`, ['*'], ['REVOCABLE_RESOURCES']);
        cluster.settle();
      });
      console.log(`Added ${frameworks} frameworks in ${ms(adding)}`);
      const total = resources('cpus:2;mem:1024;disk:4096;ports:[31000-32000]');
      const used = resources(
        'cpus:1;mem:128;disk:1024;ports:[31126-31510,31512-31623,31810-31852,31854-31964]',
      ).allocate('*');
      const growing = timed(() => {
        for (let i = 0; i < agents; i++) {
          const framework = cluster.frameworks[i % frameworks] as FrameworkId;
          cluster.addAgent(`agent${i}`, total, new Map([[framework, used]]));
          if (i % AGENTS_PER_RUN === 0) cluster.settle();
        }
        cluster.settle();
      });
      const added = cluster.callbacks;
      console.log(`Added ${agents} agents in ${ms(growing)}; performed ${added} allocations`);
      const [cpus] = resources('cpus:10').toMessages() as [Resource];
      const oversubscribed = Resources.of([{ ...cpus, revocable: {} }]);
      const updating = timed(() => {
        for (const [i, info] of cluster.agents.entries()) {
          cluster.allocator.updateAgent(
            info.id?.value as never,
            info,
            total.add(oversubscribed),
            AGENT_CAPABILITIES,
          );
          if (i % AGENTS_PER_RUN === 0) cluster.settle();
        }
        cluster.settle();
      });
      console.log(
        `Updated ${agents} agents in ${ms(updating)} performing ${cluster.callbacks - added} allocations`,
      );
      console.log(`Memory: ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
    },
  };
}

export function metrics(agents: number, frameworks: number): Row {
  return {
    name: `Metrics ${agents} x ${frameworks}`,
    run() {
      const cluster = new Cluster();
      const quotas = quota('cpus:1;mem:512;disk:256');
      const setting = timed(() => {
        for (let i = 0; i < frameworks; i++) cluster.allocator.updateQuota(`${i}`, quotas);
        cluster.settle();
      });
      console.log(`Set quota for ${frameworks} roles in ${ms(setting)}`);
      const adding = timed(() => {
        for (let i = 0; i < frameworks; i++) cluster.addFramework(`framework${i}`, [`${i}`]);
        cluster.settle();
      });
      console.log(`Added ${frameworks} frameworks in ${ms(adding)}`);
      const total = resources('cpus:16;mem:2048;disk:1024');
      const growing = timed(() => {
        for (let i = 0; i < agents; i++) {
          cluster.addAgent(`agent${i}`, total);
          if (i % AGENTS_PER_RUN === 0) cluster.settle();
        }
        cluster.settle();
      });
      console.log(`Added ${agents} agents in ${ms(growing)}`);
      // The first one also makes the names, which the real allocator makes with each role.
      const first = timed(() => cluster.allocator.metrics());
      let count = 0;
      const took = timed(() => {
        count = cluster.allocator.metrics().size;
      });
      console.log(
        `/metrics/snapshot took ${ms(took)} for ${agents} agents and ${frameworks} frameworks (${count} metrics; the first ${ms(first)})`,
      );
    },
  };
}

export function backlog(agents: number, frameworks: number): Row {
  return {
    name: `Backlog ${agents} x ${frameworks}`,
    run() {
      console.log(`Using ${agents} agents and ${frameworks} frameworks`);
      const cluster = new Cluster();
      const adding = timed(() => {
        for (let i = 0; i < frameworks; i++) cluster.addFramework(`framework${i}`, ['*']);
        cluster.settle();
      });
      let before = cluster.runs;
      console.log(`Added ${frameworks} frameworks in ${ms(adding)} with ${before} allocation runs`);
      const total = resources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
      const growing = timed(() => {
        for (let i = 0; i < agents; i++) cluster.addAgent(`agent${i}`, total);
        cluster.settle();
      });
      console.log(
        `Added ${agents} agents in ${ms(growing)} with ${cluster.runs - before} allocation runs`,
      );
      before = cluster.runs;
      const reviving = timed(() => {
        for (const framework of cluster.frameworks)
          cluster.allocator.reviveOffers(framework, new Set());
        cluster.settle();
      });
      const runs = cluster.runs - before;
      console.log(
        `Processed ${frameworks} \`reviveOffers\` calls in ${ms(reviving)} with ${runs} allocation runs`,
      );
    },
  };
}

export function updateAllocation(roles: number): Row {
  return {
    name: `UpdateAllocation ${roles} roles`,
    run() {
      const cluster = new Cluster();
      const parts: Resources[] = [];
      const used = new Map<FrameworkId, Resources>();
      for (let i = 0; i < roles; i++) {
        const role = `role-${label(i, 36)}`;
        const framework = cluster.addFramework(`framework${i}`, [role]);
        const own = Resources.of(
          ['cpus:100', 'mem:100', 'disk:100', 'ports:[2-2]'].map((text, which) => {
            const [message] = resources(text).toMessages() as [Resource];
            const labels = { labels: [{ key: 'Label', value: label(i * 4 + which, 36) }] };
            return { ...message, reservations: [{ type: 'DYNAMIC', role, labels }] } as const;
          }),
        );
        parts.push(own);
        used.set(framework, own.allocate(role));
      }
      const total = Resources.sum(parts);
      const agent = cluster.addAgent('agent', total, used);
      cluster.settle();
      const [framework, reserved] = [...used][0] as [FrameworkId, Resources];
      const unreserved = reserved.toUnreserved();
      let reserving = 0;
      let unreserving = 0;
      const repetitions = 20;
      for (let i = 0; i < repetitions; i++) {
        unreserving += timed(() => {
          cluster.allocator.updateAllocation(framework, agent, reserved, [
            { consumed: reserved, converted: unreserved },
          ]);
          cluster.settle();
        });
        reserving += timed(() => {
          cluster.allocator.updateAllocation(framework, agent, unreserved, [
            { consumed: unreserved, converted: reserved },
          ]);
          cluster.settle();
        });
      }
      console.log(
        `Agent resource object count: ${total.length} (${roles} roles, 1 reservations per role, 1 ranges per port resource)`,
      );
      console.log(
        `${repetitions} RESERVE operations took ${ms(reserving)}, each takes ${ms(reserving / repetitions)}`,
      );
      console.log(
        `${repetitions} UNRESERVE operations took ${ms(unreserving)}, each takes ${ms(unreserving / repetitions)}`,
      );
    },
  };
}

function label(seed: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++)
    text += String.fromCharCode(97 + ((seed * 7 + i * i * 13 + (seed >> (i % 8))) % 26));
  return `${text.slice(0, length - 6)}${String(seed).padStart(6, '0')}`;
}
