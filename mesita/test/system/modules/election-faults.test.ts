// Five masters whose contenders and detectors misbehave, each in another home: who follows goes on
// whatever they do, who leads without a contender ends, and the tasks go over to the next one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Home } from '../../../src/modules/manifest.ts';
import { type Cluster, createCluster, type Daemon, getJson } from '../../harness/cluster.ts';
import { type Framework, subscribe } from '../../harness/framework.ts';
import { waitFor } from '../../harness/wait.ts';
import { write } from './faulty/cluster.ts';
import { misdeeds, type Order } from './faulty/deeds.ts';
import { electionModules, electionProgram } from './faulty/election.ts';

const TIMEOUT_MS = 240_000;

/** The first one leads first. */
const homes = { a: 'daemon', b: 'worker', c: 'process', d: 'program', e: 'daemon' } as const;
type Name = keyof typeof homes;
const names = Object.keys(homes) as Name[];
const followers = names.slice(1);

const parts = ['AllocatorSorter', 'AgentOrder', 'OfferFilter', 'QuotaPolicy'];

let cluster: Cluster;
const masters = new Map<Name, Daemon>();
let agent: Daemon;
let framework: Framework;
let rivals: readonly Framework[];
let orders = 0;
const path = (name: string) => join(cluster.folder, name);

function order(deed: string, whom: readonly string[]): void {
  const one: Order = { number: ++orders, deed, whom };
  write(cluster.folder, 'order', one);
}

/** Whoever is a candidate leads when this says so. */
async function lead(name: Name): Promise<void> {
  const candidate = path(`candidate.contender-${name}`);
  await waitFor(`${name} to contend`, () => existsSync(candidate), { timeoutMs: 60_000 });
  write(cluster.folder, 'leader', JSON.parse(readFileSync(candidate, 'utf8')));
}

const limits = { deadline: '700ms', memory: '64MB' };

function library(home: Home, kind: 'MasterContender' | 'MasterDetector', as: string) {
  const file = path(home === 'program' ? `${kind}.mjs` : 'election.mjs');
  const text =
    home === 'program' ? electionProgram(cluster.folder, kind) : electionModules(cluster.folder);
  writeFileSync(file, text, { mode: 0o755 });
  return { file, modules: { name: `Faulty${kind}`, as, home, limits } };
}

async function startMaster(name: Name): Promise<void> {
  const home = homes[name];
  const libraries = [
    library(home, 'MasterContender', `contender-${name}`),
    library(home, 'MasterDetector', `detector-${name}`),
    { file: path('election.mjs'), modules: parts.map((kind) => ({ name: `Faulty${kind}` })) },
  ];
  const master = await cluster.startMaster(
    ...['--registry=in_memory', '--allocation_interval=50ms'],
    `--modules=${JSON.stringify({ libraries })}`,
    `--allocator_parts=${parts.map((kind) => `Faulty${kind}`).join(',')}`,
    `--master_contender=contender-${name}`,
    `--master_detector=detector-${name}`,
  );
  masters.set(name, master);
}

beforeAll(async () => {
  cluster = createCluster();
  writeFileSync(path('election.mjs'), electionModules(cluster.folder));
  await Promise.all([startMaster('a'), lead('a')]);
  await Promise.all(followers.map(startMaster));
  const { port } = masters.get('a')!;
  rivals = [await subscribe(port), await subscribe(port)];
  const libraries = [library('program', 'MasterDetector', 'detector-agent')];
  agent = await cluster.startAgent(
    { master: masters.get('a')! },
    `--modules=${JSON.stringify({ libraries })}`,
    '--master_detector=detector-agent',
  );
});
afterAll(() => cluster?.stop());

async function figure({ port }: Daemon, instance: string, name: string): Promise<number> {
  const figures = (await getJson(port, '/metrics/snapshot')) as Record<string, number>;
  return figures[`modules/${instance}/${name}`] ?? 0;
}

/** Offers go back as soon as they come, so that there is something to allocate. */
async function declineAll(): Promise<void> {
  for (const one of rivals) {
    const offers = one.events.flatMap((event) => event.offers?.offers ?? []);
    const offer_ids = offers.map(({ id }) => id);
    await one.call({ type: 'DECLINE', decline: { offer_ids, filters: { refuse_seconds: 0 } } });
  }
}

test.each([
  ['throws', 'failures'],
  ['answers nonsense', 'nonsense'],
])('a part of the allocator that %s has nothing to say, and is counted', async (deed, counter) => {
  const leader = masters.get('a')!;
  const count = () => Promise.all(parts.map((kind) => figure(leader, `Faulty${kind}`, counter)));
  const before = await count();
  order(
    deed,
    parts.map((kind) => `Faulty${kind}`),
  );
  await waitFor(`all to be counted as ${counter}`, async () => {
    await declineAll();
    return (await count()).every((now, index) => now > before[index]!);
  });
  expect(leader.process.exitCode).toBe(null);
});

test('a task runs while elections go wrong', async () => {
  for (const rival of rivals) await rival.call({ type: 'TEARDOWN' });
  framework = await subscribe(masters.get('a')!.port);
  await framework.launch({ id: 'lasting', command: 'sleep 1000' });
  await framework.status('lasting', 'TASK_RUNNING');
});

/** Whose deed it can be, and with which daemon it counts. */
function suspects(deed: string): readonly (readonly [instance: string, daemon: Daemon])[] {
  // What a program answers to `contend` means nothing, so nothing of it is nonsense.
  const isMeaningless = (home: Home) => home === 'program' && deed === 'answers nonsense';
  const candidates = followers.filter(
    (name) => deed in misdeeds[homes[name]] && !isMeaningless(homes[name]),
  );
  const isSilence = (home: Home) =>
    deed === 'hangs' || (deed === 'is busy for ever' && home === 'program');
  const watchers = names.filter((name) => deed in misdeeds[homes[name]] && !isSilence(homes[name]));
  return [
    ...candidates.map((name) => [`contender-${name}`, masters.get(name)!] as const),
    ...watchers.map((name) => [`detector-${name}`, masters.get(name)!] as const),
    ...(isSilence('program') ? [] : [['detector-agent', agent] as const]),
  ];
}

test.each(Object.entries(misdeeds.worker))(
  'a contender or a detector that %s ends nobody',
  async (deed, counter) => {
    const all = suspects(deed);
    const before = new Map<string, number>();
    for (const [name, daemon] of all) before.set(name, await figure(daemon, name, counter));
    const uncounted = async () => {
      const left: string[] = [];
      for (const [name, daemon] of all) {
        if ((await figure(daemon, name, counter)) <= before.get(name)!) left.push(name);
      }
      return left;
    };
    await waitFor(
      `${deed} counts as ${counter}`,
      async () => {
        const left = await uncounted();
        order(deed, left);
        for (const name of left)
          if (/^contender/.test(name)) writeFileSync(path(`lost.${name}`), '');
        return waitFor('it', async () => (await uncounted()).length === 0, {
          timeoutMs: 5_000,
        }).then(
          () => true,
          () => false,
        );
      },
      { timeoutMs: TIMEOUT_MS / 2 },
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}: not of ${(await uncounted()).join(', ')}`);
    });
    order(deed, []);
    expect([...masters.values(), agent].map(({ process }) => process.exitCode)).toEqual(
      [...masters.values(), agent].map(() => null),
    );
    expect(framework.states('lasting').at(-1)).toBe('TASK_RUNNING');
  },
  TIMEOUT_MS,
);

test.each([
  ['a', 'throws', 'b'],
  ['b', 'crashes', 'c'],
  ['c', 'exits', 'd'],
  ['d', 'leaks', 'e'],
] as const)(
  'when the contender of %s, which leads, %s, it ends and the tasks are with %s',
  async (leading, deed, next) => {
    const leader = masters.get(leading)!;
    order(deed, [`contender-${leading}.lost`]);
    expect(await leader.exited).toBe(1);
    expect(leader.output()).toMatch(/master ends: (Lost leadership|Failed to watch for candidacy)/);
    masters.delete(leading);
    await lead(next);
    const { port } = masters.get(next)!;
    await waitFor(
      'the agent to be with it',
      async () => {
        const state = await getJson(port, '/slaves').catch(() => ({}));
        return ((state as { slaves?: readonly object[] }).slaves ?? []).length === 1;
      },
      { timeoutMs: 60_000 },
    );
    framework.close();
    framework = await subscribe(port, { id: framework.id });
    const tasks = [{ task_id: { value: 'lasting' } }];
    await framework.call({ type: 'RECONCILE', reconcile: { tasks } });
    expect((await framework.anyStatus('lasting')).state).toBe('TASK_RUNNING');
    expect(agent.process.exitCode).toBe(null);
  },
  TIMEOUT_MS,
);
