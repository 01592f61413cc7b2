import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, createCluster, getJson } from '../harness/cluster.ts';
import { accepted } from './accepted.ts';
import { type Difference, Replay, type Row } from './replay.ts';

const rows = readFileSync(join(import.meta.dirname, 'data/http.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

/** Groups whose capability stands. The others need calls that answer "not supported yet". */
const groups = 'ABCDEISX';

describe('answers of the real Mesos', () => {
  let cluster: Cluster;
  const found = new Map<string, Difference>();

  beforeAll(async () => {
    cluster = createCluster();
    const flags = ['--cluster=oracle', '--registry=in_memory', `--log_dir=${cluster.folder}/log`];
    const master = await cluster.startMaster(...flags);
    const agent = await cluster.startAgent(
      { master },
      '--attributes=rack:r1;zone:eu;level:3',
      `--log_dir=${cluster.folder}/agent-log`,
    );
    const { version } = (await getJson(master.port, '/version')) as { version: string };
    const replay = new Replay({ master: master.port, agent: agent.port }, version);
    const state = (await getJson(master.port, '/slaves')) as { slaves: { id: string }[] };
    replay.variables.set('agent_id', state.slaves[0]?.id ?? '');
    for (const row of rows) {
      if (!groups.includes(row.id[0] ?? '') || row.fresh_master) continue;
      const difference = await replay.run(row);
      if (difference) found.set(row.id, difference);
    }
    replay.close();
  }, 600_000);

  afterAll(() => cluster.stop());

  for (const group of groups)
    test(`group ${group}`, () => {
      const unexplained = [...found.values()].filter(
        (d) => d.id.startsWith(group) && !accepted.has(d.id),
      );
      const lines = unexplained.flatMap((d) => [`${d.id} ${d.purpose}`, ...d.details.slice(0, 5)]);
      expect(lines.join('\n')).toBe('');
    });

  test('every accepted difference still differs', () => {
    expect([...accepted.keys()].filter((id) => !found.has(id))).toEqual([]);
  });
});
