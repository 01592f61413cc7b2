import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, createCluster, type Daemon, getJson } from '../harness/cluster.ts';
import { Replay, type Row } from './replay.ts';

const all = readFileSync(join(import.meta.dirname, 'data/http.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

/** In their order; rows that need a fresh master only when asked for. */
export function rowsOf(groups: string, options: { readonly fresh?: boolean } = {}): Row[] {
  return all.filter(
    (row) => groups.includes(row.id.charAt(0)) && (options.fresh || !row.fresh_master),
  );
}

export interface Pair {
  readonly cluster: Cluster;
  readonly master: Daemon;
  readonly agent: Daemon;
  readonly replay: Replay;
  /** As the recorder learnt it in group F. */
  readonly agentId: string;
}

/** A master and an agent as they were when the rows were recorded. */
export async function startPair(): Promise<Pair> {
  const cluster = createCluster();
  const flags = ['--cluster=oracle', '--registry=in_memory', `--log_dir=${cluster.folder}/log`];
  const master = await cluster.startMaster(...flags);
  const agent = await cluster.startAgent(
    { master },
    '--attributes=rack:r1;zone:eu;level:3',
    `--log_dir=${cluster.folder}/agent-log`,
  );
  const { version } = (await getJson(master.port, '/version')) as { version: string };
  const { slaves } = (await getJson(master.port, '/slaves')) as { slaves: { id: string }[] };
  const replay = new Replay({ master: master.port, agent: agent.port }, version);
  return { cluster, master, agent, replay, agentId: slaves[0]?.id ?? '' };
}
