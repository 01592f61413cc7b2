// The agent API's calls on containers, against the recorded Mesos.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unaccepted } from './accepted.ts';
import type { Difference } from './replay.ts';
import { type Pair, rowsOf, startPair } from './rows.ts';

/** The rows before these make the executor whose container they are about. */
const first = 'Y108';
const last = 'Y181';

let pair: Pair;
const found = new Map<string, Difference>();

beforeAll(async () => {
  pair = await startPair();
  const { replay } = pair;
  replay.variables.set('agent_id', pair.agentId);
  for (const row of rowsOf('Y')) {
    if (row.id > last) break;
    const difference = await replay.run(row);
    if (difference && row.id >= first) found.set(row.id, difference);
  }
  replay.close();
}, 120_000);

afterAll(() => pair.cluster.stop());

test('calls on containers are answered in the recorded words', () => {
  const lines = [...found.values()]
    .map((d) => ({ ...d, details: unaccepted(d.id, d.details) }))
    .filter(({ details }) => details.length > 0)
    .flatMap((d) => [`${d.id} ${d.purpose}`, ...d.details.slice(0, 5)]);
  expect(lines.join('\n')).toBe('');
});
