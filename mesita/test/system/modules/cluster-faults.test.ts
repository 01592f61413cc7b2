// A cluster whose modules misbehave in every way, in each home: no daemon ends, no task is lost,
// and each misdeed is counted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Home } from '../../../src/modules/manifest.ts';
import { waitFor } from '../../harness/wait.ts';
import { type FaultyCluster, hasEnded, startFaultyCluster } from './faulty/cluster.ts';
import { agentKinds, type FaultyKind, isNoFault, masterKinds, misdeeds } from './faulty/deeds.ts';

/** Every home ends and starts again meanwhile, and rests before it does. */
const TIMEOUT_MS = 240_000;

/** Waited for a little only: there is something to be done when it does not hold. */
async function isSoon(holds: () => Promise<boolean>): Promise<boolean> {
  return waitFor('it', holds, { timeoutMs: 5_000 }).then(
    () => true,
    () => false,
  );
}

describe.each(Object.keys(misdeeds) as Home[])('in home %s', (home) => {
  let cluster: FaultyCluster;
  beforeAll(async () => {
    cluster = await startFaultyCluster(home);
  });
  afterAll(() => cluster?.stop());

  async function readFigures(counter: string): Promise<ReadonlyMap<FaultyKind, number>> {
    let figures: ReadonlyMap<FaultyKind, number> | undefined;
    await waitFor('both daemons to tell their figures', async () => {
      figures = await cluster.figures(counter);
      return figures !== undefined;
    });
    return figures!;
  }

  test.each(Object.entries(misdeeds[home]))(
    'one that %s is felt by its own call',
    async (deed, counter) => {
      const { master, agent, framework } = cluster;
      const kinds = [...masterKinds, ...agentKinds].filter((kind) => !isNoFault(home, kind, deed));
      const before = await readFigures(counter);
      const number = Object.keys(misdeeds[home]).indexOf(deed);
      const uncounted = async () => {
        const now = await readFigures(counter);
        return kinds.filter((kind) => now.get(kind)! <= before.get(kind)!);
      };
      // A home that rests takes nothing up, and a caller may have given up: once more then.
      let rounds = 0;
      await waitFor(
        `${deed} counts as ${counter}`,
        async () => {
          cluster.order(deed, await uncounted());
          await cluster.provoke(`${number}-${rounds++}`);
          return isSoon(async () => (await uncounted()).length === 0);
        },
        { timeoutMs: TIMEOUT_MS / 2 },
      ).catch(async (error: Error) => {
        throw new Error(`${error.message}: not of ${(await uncounted()).join(', ')}`);
      });
      cluster.order(deed, []);
      for (let round = 0; round < rounds; round++) {
        for (const task of ['logged', 'secret', 'custom']) {
          const id = `${task}-${number}-${round}`;
          await framework.waitFor(`${id} ends`, () => hasEnded(framework, id));
          expect(framework.states(id).join()).not.toMatch(/LOST|DROPPED|GONE|UNREACHABLE/);
        }
      }
      await cluster.runWell(String(number));
      expect(framework.states('lasting').at(-1)).toBe('TASK_RUNNING');
      expect([master.process.exitCode, agent.process.exitCode]).toEqual([null, null]);
    },
    TIMEOUT_MS,
  );
});
