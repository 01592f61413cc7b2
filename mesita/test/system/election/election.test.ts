// Three masters and their agents, elected by a real engine, through the deaths of their leaders.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { detectByHttp } from '../../../src/builtin/master-detector/http.ts';
import { type Cluster, createCluster, type Daemon, spawnDaemon } from '../../harness/cluster.ts';
import { hasEtcd, startEtcd } from '../../harness/etcd.ts';
import type { Ensemble } from '../../harness/server-process.ts';
import { waitFor } from '../../harness/wait.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

interface MasterState {
  readonly pid: string;
  readonly leader?: string;
  readonly elected_time?: number;
  readonly slaves?: readonly { readonly active: boolean; readonly pid: string }[];
}

async function stateOf({ port }: Daemon): Promise<MasterState | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/state`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(2_000),
    });
    return answer.status === 200 ? ((await answer.json()) as MasterState) : undefined;
  } catch {
    return undefined;
  }
}

/** The one that says of itself that it leads. */
async function leaderOf(masters: readonly Daemon[]): Promise<Daemon | undefined> {
  for (const master of masters) {
    const state = await stateOf(master);
    if (state?.elected_time !== undefined && state.leader === state.pid) return master;
  }
  return undefined;
}

interface Engine {
  /** Of masters and agents. */
  readonly url: string;
  /** Where masters are told of it, as Mesos' users write it where they have it. */
  readonly flags: readonly string[];
  readonly ensemble: Ensemble;
}

async function inZooKeeper(): Promise<Engine> {
  const ensemble = await startZooKeeper();
  const url = `zk://mesos:secret@${ensemble.hosts}/mesos`;
  return { ensemble, url, flags: [`--zk=${url}`, '--registry=replicated_log', '--quorum=2'] };
}

async function inEtcd(): Promise<Engine> {
  const ensemble = await startEtcd();
  const url = `etcd://${ensemble.hosts}/mesos`;
  return { ensemble, url, flags: [`--etcd=${url}`, '--registry=etcd'] };
}

const engines = [
  { name: 'ZooKeeper', isThere: hasZooKeeper(), start: inZooKeeper },
  { name: 'etcd', isThere: hasEtcd(), start: inEtcd },
].filter(({ isThere }) => isThere);

describe.each(engines)('masters in $name', ({ start }) => {
  let engine: Engine;
  let cluster: Cluster;
  let masters: Daemon[];

  beforeEach(async () => {
    engine = await start();
    cluster = createCluster();
    masters = [];
    for (let i = 0; i < 3; i++) masters.push(await startMaster());
  });
  afterEach(async () => {
    await cluster?.stop();
    await engine?.ensemble.stop();
  });

  function startMaster(): Promise<Daemon> {
    return cluster.startMaster(...engine.flags, '--zk_session_timeout=2secs');
  }

  async function newLeader(among: readonly Daemon[]): Promise<{ leader: Daemon; tookMs: number }> {
    const began = performance.now();
    let leader: Daemon | undefined;
    await waitFor('a master to lead', async () => {
      leader = await leaderOf(among);
      return leader !== undefined;
    });
    return { leader: leader!, tookMs: Math.round(performance.now() - began) };
  }

  const registers = (leader: Daemon, agent: Daemon) =>
    waitFor('the agent to register', async () =>
      Boolean(
        (await stateOf(leader))?.slaves?.some((a) => a.active && a.pid.endsWith(`:${agent.port}`)),
      ),
    );

  test('followers send to the leader; the next one leads when it dies or leaves', async () => {
    const { leader } = await newLeader(masters);
    const followers = masters.filter((master) => master !== leader);
    for (const { port } of followers) {
      const url = `http://127.0.0.1:${port}`;
      const answer = await fetch(`${url}/state`, { redirect: 'manual' });
      expect(answer.status).toBe(307);
      expect(answer.headers.get('location')).toBe(`//localhost:${leader.port}/state`);
      expect((await fetch(`${url}/health`)).status).toBe(200);
    }
    const list = { masters: masters.map(({ port }) => `127.0.0.1:${port}`), intervalMs: 100 };
    const byList = detectByHttp(list);
    const patience = AbortSignal.timeout(60_000);
    const known = await byList.detect(undefined, patience);
    expect(known?.port).toBe(leader.port);
    const agent = await cluster.startAgent({ master: leader, detection: engine.url });
    await leader.kill('SIGKILL');
    const second = await newLeader(followers);
    expect((await byList.detect(known, patience))?.port).toBe(second.leader.port);
    await registers(second.leader, agent);
    await second.leader.kill('SIGTERM');
    const third = await newLeader(followers.filter((master) => master !== second.leader));
    await registers(third.leader, agent);
    console.log(`new leader after SIGKILL ${second.tookMs} ms, after SIGTERM ${third.tookMs} ms`);
  });

  test('a task, its scheduler and its agent outlive their master', async () => {
    const { leader } = await newLeader(masters);
    const agent = await cluster.startAgent({ master: leader, detection: engine.url });
    const go = join(cluster.folder, 'go');
    const command = `while ! [ -e ${go} ]; do sleep 0.05; done; echo done; exit 3`;
    const execute = spawnDaemon('mesos-execute', 0, [
      `--master=${engine.url}`,
      '--name=outlives',
      `--command=${command}`,
    ]);
    await execute.says('TASK_RUNNING');
    await leader.kill('SIGKILL');
    const second = await newLeader(masters.filter((master) => master !== leader));
    await registers(second.leader, agent);
    writeFileSync(go, '');
    expect(await execute.exited).toBe(3);
  });

  test('a leader that was frozen past its session leads no longer when it wakes', async () => {
    const { leader } = await newLeader(masters);
    const followers = masters.filter((master) => master !== leader);
    leader.process.kill('SIGSTOP');
    const second = await newLeader(followers);
    leader.process.kill('SIGCONT');
    expect(await leader.exited).toBe(1);
    expect(leader.output()).toMatch(/master ends: Lost leadership/);
    expect(await leaderOf(followers)).toBe(second.leader);
  });

  test('when the engine freezes, the leader ends and nobody leads', async () => {
    const { leader } = await newLeader(masters);
    engine.ensemble.servers[0]?.freeze();
    try {
      expect(await leader.exited).toBe(1);
      await waitFor('the others to know of no leader', async () => {
        const known = await Promise.all(masters.map(stateOf));
        return known.every((state) => state === undefined);
      });
    } finally {
      engine.ensemble.servers[0]?.thaw();
    }
    await newLeader(masters.filter((master) => master !== leader));
  });
});
