// `npm run rounds -- --seed 7 --rounds 100 [--engine etcd] [--session 10secs] …`
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { parseDuration } from '@mesita/sdk/base';
import { createFolder } from '../harness/cluster.ts';
import { hasEtcd } from '../harness/etcd.ts';
import { hasNetworks, inNetwork } from '../harness/network.ts';
import { hasZooKeeper } from '../harness/zookeeper.ts';
import type { Engine } from './machines.ts';
import { type Outcome, type RoundsOptions, runRounds } from './rounds.ts';

const INSIDE = 'MESITA_ROUNDS_INSIDE';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    rounds: { type: 'string', default: '100' },
    engine: { type: 'string', default: 'zookeeper' },
    servers: { type: 'string', default: '1' },
    masters: { type: 'string', default: '3' },
    agents: { type: 'string', default: '4' },
    tasks: { type: 'string', default: '200' },
    session: { type: 'string', default: '2secs' },
    only: { type: 'string', default: '' },
  },
});

function readOptions(): RoundsOptions {
  const session = parseDuration(values.session);
  if (!session.ok) throw new Error(`--session: ${session.error}`);
  if (!['zookeeper', 'etcd'].includes(values.engine)) {
    throw new Error('--engine: zookeeper or etcd');
  }
  return {
    ...values,
    engine: values.engine as Engine,
    rounds: Number(values.rounds),
    servers: Number(values.servers),
    masters: Number(values.masters),
    agents: Number(values.agents),
    tasks: Number(values.tasks),
    sessionMs: Number(session.value),
  };
}

async function main(): Promise<number> {
  const options = readOptions();
  if (process.env[INSIDE] === undefined) return startInside(options.engine);
  console.log(
    `seed ${options.seed}: ${options.rounds} rounds, ${options.engine}, session ${values.session}`,
  );
  const outcome = await runRounds(options, ({ fault, leaderMs, healedMs }, number) => {
    const lead = leaderMs === undefined ? '' : `, new leader after ${seconds(leaderMs)}`;
    console.log(
      `${String(number).padStart(3)} ${fault}${lead}, all well ${seconds(healedMs)} later`,
    );
  });
  report(outcome);
  return 0;
}

/** Again, in namespaces that take everything with them when they end. */
function startInside(engine: Engine): number {
  const isThere = engine === 'zookeeper' ? hasZooKeeper() : hasEtcd();
  if (!isThere || !hasNetworks()) return 0;
  const [command = '', ...prefix] = inNetwork;
  const args = [...prefix, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const folder = createFolder();
  const env = { ...process.env, [INSIDE]: '1', TMPDIR: folder };
  const { status } = spawnSync(command, args, { stdio: 'inherit', env });
  rmSync(folder, { recursive: true, maxRetries: 10 });
  return status ?? 1;
}

function report({ rounds, jobs, updates, repeatedUpdates, subscriptions }: Outcome): void {
  console.log(
    `${jobs} tasks, ${updates} updates (${repeatedUpdates} of them repeated), ` +
      `${subscriptions} subscriptions: none lost, none run twice, none out of order`,
  );
  const times = new Map<string, number[]>();
  for (const { fault, leaderMs } of rounds) {
    if (leaderMs === undefined) continue;
    for (const key of ['all', fault]) times.set(key, [...(times.get(key) ?? []), leaderMs]);
  }
  for (const [fault, all] of times) {
    const figures = `p50 ${seconds(at(all, 50))}, p99 ${seconds(at(all, 99))} (${all.length})`;
    console.log(`time to a new working leader, ${fault}: ${figures}`);
  }
}

function at(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

main().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
