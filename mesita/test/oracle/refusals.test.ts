// Requests for what does not stand yet, and those that end the real daemon: every one of them is
// answered, in the recorded status or with a refusal that says why, and the daemons live.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson } from '../harness/cluster.ts';
import type { Row } from './replay.ts';
import { type Pair, rowsOf, startPair } from './rows.ts';

interface Answer {
  readonly status?: number;
  readonly no_answer?: string;
  readonly body?: { readonly text?: string };
}

describe.each([
  ['Y', 'containers'],
  ['K', 'requests that end the real daemon'],
])('group %s: %s', (group) => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
    pair.replay.variables.set('agent_id', pair.agentId);
  }, 60_000);

  afterAll(() => pair.cluster.stop());

  test('is answered, and the daemons live', async () => {
    const { replay, master, agent } = pair;
    const wrong: string[] = [];
    for (const row of rowsOf(group, { fresh: true })) {
      const answer = (await replay.answer(row)) as Answer | undefined;
      if (!answer || row.action || isFine(row, answer)) continue;
      wrong.push(`${row.id} ${row.purpose}: ${JSON.stringify(answer).slice(0, 200)}`);
    }
    replay.close();
    expect(wrong.join('\n')).toBe('');
    for (const { port } of [master, agent]) expect(await getJson(port, '/version')).toBeTruthy();
  }, 300_000);
});

// Not supported, not valid; or about what an earlier row would have made, had it been supported.
const refusals: ReadonlySet<number | undefined> = new Set([501, 400, 403, 404]);

/** What kills the real agent succeeds here: there is nothing left to remove. */
const harmless: ReadonlySet<string> = new Set(['K006', 'K007']);

/** A row without a recorded answer is one that the daemon died of. */
function isFine({ id, response }: Row, { status, no_answer, body }: Answer): boolean {
  if (no_answer !== undefined) return no_answer === response.no_answer && !('status' in response);
  if (status === response.status || (status === 200 && harmless.has(id))) return true;
  return refusals.has(status) && isSentence(body?.text);
}

function isSentence(text: string | undefined): boolean {
  return text !== undefined && text.length > 10 && text.length < 400 && !text.trim().includes('\n');
}
