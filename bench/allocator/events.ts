// What single events cost: agents, frameworks, conversions, metrics.

import type { FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { AGENT_CAPABILITIES, Cluster, quota, resources } from './cluster.ts';
import type { Row } from './measure.ts';
import { ms, timed, timedOnce } from './measure.ts';

// How many agents the real allocator has at hand when its next run starts, in the same benchmark.
const AGENTS_PER_RUN = 4;

const TOTAL = 'cpus:2;mem:1024;disk:4096;ports:[31000-32000]';
const USED = 'cpus:1;mem:128;disk:1024;ports:[31126-31510,31512-31623,31810-31852,31854-31964]';

export function addAndUpdateAgent(agents: number, frameworks: number): Row {
  return {
    name: `AddAndUpdateAgent ${agents} x ${frameworks}`,
    run(report) {
      report.say(`Using ${agents} agents and ${frameworks} frameworks`);
      const cluster = new Cluster();
      const adding = timed(() => {
        for (let i = 0; i < frameworks; i++)
          cluster.addFramework(`framework${i}`, ['*'], ['REVOCABLE_RESOURCES']);
        cluster.settle();
      });
      report.say(`Added ${frameworks} frameworks in ${ms(adding)}`);
      // As registrations bring them: read from a message, alike but not the same.
      const totals = Array.from({ length: agents }, () => resources(TOTAL));
      const used = Array.from({ length: agents }, () => resources(USED).allocate('*'));
      const growing = timedOnce(() => {
        for (let i = 0; i < agents; i++) {
          const framework = cluster.frameworks[i % frameworks] as FrameworkId;
          cluster.addAgent(
            `agent${i}`,
            totals[i] as Resources,
            new Map([[framework, used[i] as Resources]]),
          );
          if (i % AGENTS_PER_RUN === 0) cluster.settle();
        }
        cluster.settle();
      });
      const added = cluster.callbacks;
      report.figure('add', growing);
      report.say(`Added ${agents} agents in ${ms(growing)}; performed ${added} allocations`);
      const [cpus] = resources('cpus:10').toMessages() as [Resource];
      const oversubscribed = Resources.of([{ ...cpus, revocable: {} }]);
      const grown = totals.map((total) => total.add(oversubscribed));
      const updating = timedOnce(() => {
        for (const [i, info] of cluster.agents.entries()) {
          cluster.allocator.updateAgent(
            info.id?.value as never,
            info,
            grown[i],
            AGENT_CAPABILITIES,
          );
          if (i % AGENTS_PER_RUN === 0) cluster.settle();
        }
        cluster.settle();
      });
      report.figure('update', updating);
      report.say(
        `Updated ${agents} agents in ${ms(updating)} performing ${cluster.callbacks - added} allocations`,
      );
      report.say(`Memory: ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
    },
  };
}

export function metrics(agents: number, frameworks: number): Row {
  return {
    name: `Metrics ${agents} x ${frameworks}`,
    run(report) {
      const cluster = new Cluster();
      const quotas = quota('cpus:1;mem:512;disk:256');
      const setting = timed(() => {
        for (let i = 0; i < frameworks; i++) cluster.allocator.updateQuota(`${i}`, quotas);
        cluster.settle();
      });
      report.say(`Set quota for ${frameworks} roles in ${ms(setting)}`);
      const adding = timed(() => {
        for (let i = 0; i < frameworks; i++) cluster.addFramework(`framework${i}`, [`${i}`]);
        cluster.settle();
      });
      report.say(`Added ${frameworks} frameworks in ${ms(adding)}`);
      const total = resources('cpus:16;mem:2048;disk:1024');
      const growing = timedOnce(() => {
        for (let i = 0; i < agents; i++) {
          cluster.addAgent(`agent${i}`, total);
          if (i % AGENTS_PER_RUN === 0) cluster.settle();
        }
        cluster.settle();
      });
      report.say(`Added ${agents} agents in ${ms(growing)}`);
      report.figure('add', growing);
      // The first one also makes the names, which the real allocator makes with each role.
      const first = timedOnce(() => cluster.allocator.metrics());
      let count = 0;
      const took = timed(() => {
        count = cluster.allocator.metrics().size;
      });
      report.figure('snapshot', took);
      report.say(
        `/metrics/snapshot took ${ms(took)} for ${agents} agents and ${frameworks} frameworks (${count} metrics; the first ${ms(first)})`,
      );
    },
  };
}

export function backlog(agents: number, frameworks: number): Row {
  return {
    name: `Backlog ${agents} x ${frameworks}`,
    run(report) {
      report.say(`Using ${agents} agents and ${frameworks} frameworks`);
      const cluster = new Cluster();
      const adding = timed(() => {
        for (let i = 0; i < frameworks; i++) cluster.addFramework(`framework${i}`, ['*']);
        cluster.settle();
      });
      let before = cluster.runs;
      report.say(`Added ${frameworks} frameworks in ${ms(adding)} with ${before} allocation runs`);
      const total = resources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
      const growing = timedOnce(() => {
        for (let i = 0; i < agents; i++) cluster.addAgent(`agent${i}`, total);
        cluster.settle();
      });
      report.say(
        `Added ${agents} agents in ${ms(growing)} with ${cluster.runs - before} allocation runs`,
      );
      before = cluster.runs;
      const reviving = timedOnce(() => {
        for (const framework of cluster.frameworks)
          cluster.allocator.reviveOffers(framework, new Set());
        cluster.settle();
      });
      report.figure('revive', reviving);
      const runs = cluster.runs - before;
      report.say(
        `Processed ${frameworks} \`reviveOffers\` calls in ${ms(reviving)} with ${runs} allocation runs`,
      );
    },
  };
}

export function updateAllocation(roles: number): Row {
  return {
    name: `UpdateAllocation ${roles} roles`,
    run(report) {
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
      const took = (act: () => void): number => {
        const time = timed(act);
        report.figure('conversion', time);
        return time.wallMs;
      };
      const repetitions = 20;
      for (let i = 0; i < repetitions; i++) {
        unreserving += took(() => {
          cluster.allocator.updateAllocation(framework, agent, reserved, [
            { consumed: reserved, converted: unreserved },
          ]);
          cluster.settle();
        });
        reserving += took(() => {
          cluster.allocator.updateAllocation(framework, agent, unreserved, [
            { consumed: unreserved, converted: reserved },
          ]);
          cluster.settle();
        });
      }
      report.say(
        `Agent resource object count: ${total.length} (${roles} roles, 1 reservations per role, 1 ranges per port resource)`,
      );
      report.say(
        `${repetitions} RESERVE operations took ${ms(reserving)}, each takes ${ms(reserving / repetitions)}`,
      );
      report.say(
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
