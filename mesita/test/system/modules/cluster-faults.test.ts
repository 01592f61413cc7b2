// A cluster whose modules misbehave in every way, in each home: no daemon ends, no task is lost,
// and each misdeed is counted.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Home } from '../../../src/modules/manifest.ts';
import { type Cluster, createCluster, type Daemon, getJson } from '../../harness/cluster.ts';
import { type Framework, subscribe } from '../../harness/framework.ts';
import { waitFor } from '../../harness/wait.ts';
import {
  agentKinds,
  type FaultyKind,
  faultyModules,
  faultyProgram,
  masterKinds,
  nameOf,
} from './cluster-misdeeds.ts';

/** Each with the figure that counts it. */
const answers = { throws: 'failures', 'answers nonsense': 'nonsense', hangs: 'timeouts' };
const harm = {
  'is busy for ever': 'restarts',
  exits: 'restarts',
  crashes: 'restarts',
  leaks: 'restarts',
  floods: 'restarts',
};
const misdeeds: Readonly<Record<Home, Readonly<Record<string, string>>>> = {
  daemon: answers,
  worker: { ...answers, ...harm },
  process: { ...answers, ...harm },
  program: { ...answers, ...harm },
};

/** Waited for a little only: there is something to be done when it does not hold. */
async function isSoon(holds: () => Promise<boolean>): Promise<boolean> {
  return waitFor('it', holds, { timeoutMs: 5_000 }).then(
    () => true,
    () => false,
  );
}

describe.each(Object.keys(misdeeds) as Home[])('in home %s', (home) => {
  let cluster: Cluster;
  let master: Daemon;
  let agent: Daemon;
  let framework: Framework;

  const limits = { deadline: '700ms', memory: '64MB' };
  function manifest(kinds: readonly FaultyKind[]): string {
    const file = (kind: FaultyKind) => {
      const path = join(cluster.folder, home === 'program' ? `${kind}.mjs` : 'faulty.mjs');
      const text =
        home === 'program' ? faultyProgram(cluster.folder, kind) : faultyModules(cluster.folder);
      writeFileSync(path, text, { mode: 0o755 });
      return path;
    };
    const libraries = kinds.map((kind) => ({
      file: file(kind),
      modules: { name: nameOf(kind), home, limits },
    }));
    return `--modules=${JSON.stringify({ libraries })}`;
  }

  beforeAll(async () => {
    cluster = createCluster();
    master = await cluster.startMaster(
      ...['--registry=in_memory', manifest(masterKinds), `--allocator=${nameOf('Allocator')}`],
    );
    agent = await cluster.startAgent(
      { master },
      manifest(agentKinds),
      `--hooks=${nameOf('Hook')}`,
      `--isolation=posix/cpu,posix/mem,${nameOf('Isolator')}`,
      `--resource_estimator=${nameOf('ResourceEstimator')}`,
      '--oversubscribed_resources_interval=100ms',
      `--qos_controller=${nameOf('QoSController')}`,
      `--secret_resolver=${nameOf('SecretResolver')}`,
      `--container_logger=${nameOf('ContainerLogger')}`,
    );
    framework = await subscribe(master.port);
    await framework.launch({ id: 'lasting', command: 'sleep 1000' });
    await framework.status('lasting', 'TASK_RUNNING');
  });
  afterAll(() => cluster.stop());

  const daemonOf = (kind: FaultyKind) =>
    (masterKinds as readonly FaultyKind[]).includes(kind) ? master : agent;

  async function figure(kind: FaultyKind, name: string): Promise<number> {
    const figures = (await getJson(daemonOf(kind).port, '/metrics/snapshot')) as Record<
      string,
      number
    >;
    return figures[`modules/${nameOf(kind)}/${name}`] ?? 0;
  }

  /** Calls each module at least once; what becomes of it is the modules' affair. */
  async function provoke(name: string): Promise<void> {
    const secret = { type: 'REFERENCE', reference: { name: 'any' } };
    const environment = { variables: [{ name: 'S', type: 'SECRET', secret }] };
    const command = { value: 'true', environment };
    await framework.launch(
      { id: `logged-${name}`, command: 'true' },
      { id: `secret-${name}`, more: { command } },
    );
    await getJson(master.port, `/explain?framework=${framework.id}`).catch(() => undefined);
    await getJson(agent.port, '/monitor/statistics').catch(() => undefined);
  }

  /** A home that has just ended needs a moment: then tasks run as before. */
  async function runWell(name: string): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const id = `after-${name}-${attempt}`;
      await framework.launch({ id, command: 'true' });
      await framework.waitFor(`${id} ends`, () => hasEnded(id));
      if (framework.states(id).at(-1) === 'TASK_FINISHED') return;
    }
    throw new Error('tasks do not run well again');
  }
  const hasEnded = (id: string) =>
    framework.states(id).some((state) => /FINISHED|FAILED/.test(state));

  /** Silence is no fault of who is waited for. */
  const feels = (kind: FaultyKind, deed: string) =>
    kind !== 'QoSController' || (deed !== 'hangs' && deed !== 'is busy for ever');

  test.each(Object.entries(misdeeds[home]))(
    'one that %s is felt by its own call',
    async (deed, counter) => {
      const kinds = [...masterKinds, ...agentKinds].filter((kind) => feels(kind, deed));
      const before = new Map<FaultyKind, number>();
      for (const kind of kinds) before.set(kind, await figure(kind, counter));
      const number = Object.keys(misdeeds[home]).indexOf(deed);
      writeFileSync(join(cluster.folder, 'deed'), `${number} ${deed}`);
      const uncounted = async () => {
        const left: FaultyKind[] = [];
        for (const kind of kinds) {
          if ((await figure(kind, counter)) <= before.get(kind)!) left.push(kind);
        }
        return left;
      };
      // A home that rests takes nothing up: whoever was not called yet is called again.
      let rounds = 0;
      await waitFor(
        `${deed} counts as ${counter}`,
        async () => {
          await provoke(`${number}-${rounds++}`);
          return isSoon(async () => (await uncounted()).length === 0);
        },
        { timeoutMs: 100_000 },
      ).catch(async (error: Error) => {
        throw new Error(`${error.message}: not of ${(await uncounted()).join(', ')}`);
      });
      for (let round = 0; round < rounds; round++) {
        for (const task of [`logged-${number}-${round}`, `secret-${number}-${round}`]) {
          await framework.waitFor(`${task} ends`, () => hasEnded(task));
        }
      }
      writeFileSync(join(cluster.folder, 'deed'), '');
      await runWell(String(number));
      expect(framework.states('lasting').at(-1)).toBe('TASK_RUNNING');
      expect([master.process.exitCode, agent.process.exitCode]).toEqual([null, null]);
    },
  );
});
