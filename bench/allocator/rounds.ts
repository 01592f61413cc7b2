// Cycles of offers that come back: declined, suppressed, or simply returned.

import type { Resources } from '@mesita/sdk/resources';
import { Resources as Sum } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { Cluster, fragments, resources } from './cluster.ts';
import type { Report, Row } from './measure.ts';
import { ms, timed } from './measure.ts';

const TOTAL = 'cpus:24;mem:4096;disk:4096;ports:[31000-32000]';
const PORTS = `ports:${fragments(31000, 32000, 16)}`;
const LONGEST = { refuseSeconds: 2 ** 31 - 1 };

function build(
  agents: number,
  frameworks: number,
  role: string,
  usedOn: (agent: number) => Resources,
  report: Report,
): Cluster {
  report.say(`Using ${agents} agents and ${frameworks} frameworks`);
  const cluster = new Cluster();
  const adding = timed(() => {
    for (let i = 0; i < frameworks; i++) cluster.addFramework(`framework${i}`, [role]);
    cluster.settle();
  });
  report.say(`Added ${frameworks} frameworks in ${ms(adding)}`);
  const total = resources(TOTAL);
  const used = Array.from({ length: agents }, (_, i) => usedOn(i));
  const growing = timed(() => {
    for (let i = 0; i < agents; i++) {
      const framework = cluster.frameworks[i % frameworks] as (typeof cluster.frameworks)[0];
      cluster.addAgent(`agent${i}`, total, new Map([[framework, used[i] as Resources]]));
    }
    cluster.settle();
  });
  report.say(`Added ${agents} agents in ${ms(growing)}`);
  return cluster;
}

function decline(cluster: Cluster, rounds: number, report: Report): void {
  let declined = 0;
  for (let round = 0; round < rounds; round++) {
    const offers = cluster.takeOffers();
    for (const { framework, agent, resources } of offers) {
      cluster.allocator.recoverResources(framework, agent, resources, LONGEST, false);
    }
    declined += offers.length;
    cluster.settle();
    const took = timed(() => cluster.cycle());
    if (cluster.offers.length > 0) report.figure('offers', took);
    else report.figure('all filtered', took);
    if (round < 3 || round >= rounds - 2 || round === rounds / 2) {
      report.say(
        `round ${round} allocate() took ${ms(took)} to make ${cluster.offers.length} offers after filtering ${declined} offers`,
      );
    }
  }
}

export function declineOffers(agents: number, frameworks: number): Row {
  return {
    name: `DeclineOffers ${agents} x ${frameworks}`,
    run(report) {
      const used = resources(`cpus:16;mem:2014;disk:1024;${PORTS}`).allocate('*');
      decline(
        build(agents, frameworks, '*', () => used, report),
        frameworks * 2,
        report,
      );
    },
  };
}

export function resourceLabels(agents: number, frameworks: number): Row {
  return {
    name: `ResourceLabels ${agents} x ${frameworks}`,
    run(report) {
      const plain = resources(`mem:2014;disk:1024;${PORTS}`);
      const used = (agent: number) =>
        Sum.sum([plain, labelled(agent, 1), labelled(agent, 2)]).allocate('role1');
      decline(build(agents, frameworks, 'role1', used, report), frameworks * 2, report);
    },
  };
}

/** Equal but for the last of twelve labels. */
function labelled(agent: number, which: number): Resources {
  const labels = Array.from({ length: 11 }, (_, i) => ({ key: `key${i}`, value: `value${i}` }));
  labels.push({ key: `unique_key_${which}`, value: `value_${agent}` });
  const reservation = {
    type: 'DYNAMIC',
    role: 'role1',
    principal: 'principal1',
    labels: { labels },
  } as const;
  const cpus: Resource = {
    name: 'cpus',
    type: 'SCALAR',
    scalar: { value: 8 },
    reservations: [reservation],
  };
  return Sum.of([cpus]);
}

export function suppressOffers(agents: number, frameworks: number, isExtreme: boolean): Row {
  return {
    name: `${isExtreme ? 'ExtremeSuppress' : 'SuppressOffers'} ${agents} x ${frameworks}`,
    run(report) {
      const used = resources(`cpus:16;mem:1024;disk:1024;${PORTS}`).allocate('*');
      const cluster = build(agents, frameworks, '*', () => used, report);
      let suppressed = 0;
      const suppress = (count: number) => {
        for (let i = 0; i < count; i++) {
          cluster.allocator.suppressOffers(cluster.frameworks[suppressed++] as never, new Set());
        }
      };
      if (isExtreme) suppress(Math.floor(frameworks * 0.99));
      for (let round = 0; round < 5; round++) {
        for (const { framework, agent, resources } of cluster.takeOffers()) {
          cluster.allocator.recoverResources(framework, agent, resources, undefined, false);
        }
        cluster.settle();
        if (!isExtreme) suppress(Math.floor(frameworks / 5));
        const took = timed(() => cluster.cycle());
        report.figure(cluster.offers.length > 0 ? 'offers' : 'all suppressed', took);
        report.say(
          `allocate() took ${ms(took)} to make ${cluster.offers.length} offers with ${suppressed} out of ${frameworks} frameworks suppressing offers`,
        );
      }
    },
  };
}

export function persistentVolumes(
  agents: number,
  frameworks: number,
  sharedness: 'regular' | 'shared',
): Row {
  return {
    name: `PersistentVolumes ${agents} x ${frameworks} ${sharedness}`,
    run(report) {
      report.say(
        `Using ${agents} agents and ${frameworks} frameworks with resource sharedness ${sharedness}`,
      );
      const cluster = new Cluster();
      const capabilities = sharedness === 'shared' ? ['SHARED_RESOURCES'] : [];
      const adding = timed(() => {
        for (let i = 0; i < frameworks; i++)
          cluster.addFramework(`framework${i}`, ['test'], capabilities);
        cluster.settle();
      });
      report.say(`Added ${frameworks} frameworks in ${ms(adding)}`);
      const reserved = resources(
        'cpus(test):24;mem(test):4096;disk(test):3072;ports(test):[31000-32000]',
      );
      const totals = Array.from({ length: agents }, (_, i) =>
        reserved.add(volume(i, sharedness === 'shared')),
      );
      const ports = fragments(31000, 32000, 16);
      const used = resources(
        `cpus(test):16;mem(test):1024;disk(test):1024;ports(test):${ports}`,
      ).allocate('*');
      const growing = timed(() => {
        for (let i = 0; i < agents; i++) {
          const framework = cluster.frameworks[i % frameworks] as (typeof cluster.frameworks)[0];
          cluster.addAgent(`agent${i}`, totals[i] as Resources, new Map([[framework, used]]));
        }
        cluster.settle();
      });
      report.say(`Added ${agents} agents in ${ms(growing)}`);
      for (let round = 0; round < 6; round++) {
        for (const { framework, agent, resources } of cluster.takeOffers()) {
          cluster.allocator.recoverResources(framework, agent, resources, undefined, false);
        }
        cluster.settle();
        const took = timed(() => cluster.cycle());
        report.figure('offers', took);
        report.say(
          `round ${round} allocate() took ${ms(took)} to make ${cluster.offers.length} offers`,
        );
      }
    },
  };
}

function volume(agent: number, isShared: boolean): Resources {
  const disk: Resource = {
    name: 'disk',
    type: 'SCALAR',
    scalar: { value: 1024 },
    reservations: [{ type: 'STATIC', role: 'test' }],
    disk: {
      persistence: { id: `id${agent}` },
      volume: { containerPath: `path${agent}`, mode: 'RW' },
    },
    ...(isShared && { shared: {} }),
  };
  return Sum.of([disk]);
}
