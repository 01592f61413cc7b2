// Every read of master and agent, with one command task running and another one finished, is made
// of the members that a real Mesos' answer was made of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, waitFor } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';
import { outline } from './outline.ts';
import { type Pair, startPair } from './rows.ts';

interface Capture {
  readonly path?: string;
  /** A call of the v1 API. */
  readonly call?: string;
  readonly answer: unknown;
}

type Daemon = 'master' | 'agent';

function capturesOf(daemon: Daemon): Capture[] {
  const text = readFileSync(join(import.meta.dirname, `data/captures/${daemon}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Capture);
}

interface Explanation {
  readonly where: RegExp;
  readonly lines: RegExp;
  readonly why: string;
}

/** As the command line's own scheduler calls itself. */
const info = {
  checkpoint: false,
  roles: undefined,
  role: '*',
  capabilities: ['RESERVATION_REFINEMENT', 'TASK_KILLING_STATE', 'PARTITION_AWARE'].map((type) => ({
    type,
  })),
};

const explanations: readonly Explanation[] = [
  {
    where: /version|VERSION|\/state$/,
    lines: /^- .*git_(sha|branch)/,
    why: 'only some builds know their commit',
  },
  {
    where: /flags|\/state$|GET_FLAGS/,
    lines: /^\+ \.flags\.hostname/,
    why: 'the test sets --hostname',
  },
  {
    where: /completed|frameworks|FRAMEWORKS|state|STATE|TASKS|tasks/,
    lines: /^- .*\.(pid|principal|hostname|role|roles\[\]|reason): string$/,
    why: 'the recording also had a framework with a driver and a principal, and a failed task',
  },
  {
    where: /./,
    lines:
      /^- .*(container_id\.parent|executor_id\.value|completed_executors\[\]\.(executor_info\.)?type)/,
    why: 'the recording also had a pod and a custom executor',
  },
  {
    where: /^agent/,
    lines: /^- .*\.terminated_tasks\[\]/,
    why: 'in the recording an update still waited for its acknowledgement',
  },
  {
    where: /^agent \/metrics/,
    lines: /^- .*(provisioner|resource_provider_manager)\//,
    why: 'there is no provisioner and no resource provider yet that could be counted',
  },
];

/** As a scheduler that has all it wants: no offer is outstanding, and none will come. */
async function refuseOffers(framework: Framework, port: number): Promise<void> {
  await framework.call({ type: 'SUPPRESS' });
  await waitFor('no offers', async () => {
    const offers = framework.events.flatMap((event) => event.offers?.offers ?? []);
    const offer_ids = offers.map(({ id }) => id);
    await framework.call({ type: 'DECLINE', decline: { offer_ids } });
    const state = (await getJson(port, '/frameworks')) as { frameworks: { offers: unknown[] }[] };
    return state.frameworks.every((f) => f.offers.length === 0);
  });
}

describe('answers have the members of a real Mesos', () => {
  let pair: Pair;
  const used = new Set<Explanation>();

  beforeAll(async () => {
    pair = await startPair();
    const { port } = pair.master;
    const first = await subscribe(port, { info: { ...info, failover_timeout: 0 } });
    await first.launch({ id: 'finished', command: 'echo done' });
    await first.status('finished', 'TASK_FINISHED');
    await first.call({ type: 'TEARDOWN' });
    const second = await subscribe(port, { info });
    const environment = { variables: [{ name: 'FOO', value: 'bar' }] };
    const command = { value: 'sleep 1000', environment };
    await second.launch({ id: 'sleeping', more: { command } });
    await second.status('sleeping', 'TASK_RUNNING');
    await refuseOffers(second, port);
  }, 60_000);

  afterAll(() => pair.cluster.stop());

  async function read(daemon: Daemon, { path, call }: Capture): Promise<unknown> {
    const type = call?.replace(/_no.*$/, '');
    const metrics = type === 'GET_METRICS' ? { get_metrics: {} } : {};
    const url = `http://127.0.0.1:${pair[daemon].port}${path ?? '/api/v1'}`;
    const { body } = await (type
      ? request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify({ type, ...metrics }),
        })
      : request(url));
    return body.json();
  }

  function explain(name: string, line: string): Explanation | undefined {
    const found = explanations.find((e) => e.where.test(name) && e.lines.test(line));
    if (found) used.add(found);
    return found;
  }

  for (const daemon of ['master', 'agent'] as const)
    test.each(capturesOf(daemon).map((c) => [c.path ?? c.call ?? '', c] as const))(
      `${daemon} %s`,
      async (name, capture) => {
        const expected = outline(capture.answer);
        const actual = outline(await read(daemon, capture));
        const differing = [
          ...[...expected].filter((line) => !actual.has(line)).map((line) => `- ${line}`),
          ...[...actual].filter((line) => !expected.has(line)).map((line) => `+ ${line}`),
        ];
        const unexplained = differing.filter((line) => !explain(`${daemon} ${name}`, line));
        expect(unexplained.join('\n')).toBe('');
      },
    );

  test('every explanation still explains something', () => {
    expect(explanations.filter((e) => !used.has(e)).map(({ why }) => why)).toEqual([]);
  });
});
