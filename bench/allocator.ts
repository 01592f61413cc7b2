// The allocator's benchmarks: the real allocator's own set-ups, phases and lines, and some of ours.

import { addAndUpdateAgent, backlog, metrics, updateAllocation } from './allocator/events.ts';
import type { Report, Row } from './allocator/measure.ts';
import { freedToOffer, idleDecliners, memory, oneEvent } from './allocator/ours.ts';
import { largeAndSmallQuota, nonQuotaVsQuota } from './allocator/quota.ts';
import {
  declineOffers,
  persistentVolumes,
  resourceLabels,
  suppressOffers,
} from './allocator/rounds.ts';
import { fullSort } from './allocator/sorters.ts';
import { Table } from './allocator/table.ts';

const ROWS: readonly Row[] = [
  addAndUpdateAgent(10_000, 1_000),
  addAndUpdateAgent(50_000, 1_000),
  declineOffers(1_000, 50),
  declineOffers(1_000, 200),
  resourceLabels(1_000, 100),
  resourceLabels(5_000, 50),
  suppressOffers(10_000, 1_000, false),
  suppressOffers(10_000, 1_000, true),
  persistentVolumes(10_000, 1_000, 'regular'),
  persistentVolumes(1_000, 1_000, 'shared'),
  metrics(10_000, 1_000),
  backlog(10_000, 200),
  backlog(10_000, 1_000),
  updateAllocation(50),
  updateAllocation(100),
  updateAllocation(200),
  fullSort(10_000, 1_000),
  memory(50_000, 6_000),
  oneEvent(50_000, 1_000),
  freedToOffer(10_000, 1_000),
  idleDecliners(10_000, 2_000),
  ...(['drf', 'random'] as const).flatMap((sorter) => [
    largeAndSmallQuota(250, 50, sorter),
    largeAndSmallQuota(2_500, 500, sorter),
    nonQuotaVsQuota(1_000, false, sorter),
    nonQuotaVsQuota(1_000, true, sorter),
  ]),
];

const WARM_UP_MS = 1_500;
const MEASURED_RUNS = 5;
const MEASURED_MS = 10_000;

const SILENT: Report = { say() {}, figure() {} };

/** A master is warm after its first minute, a short benchmark never is: so each row runs unseen first. */
function warmUp({ run }: Row): void {
  const start = performance.now();
  do run(SILENT);
  while (performance.now() - start < WARM_UP_MS);
}

/** Runs the rows whose names contain one of the words; all of them without words. */
export async function allocatorBench(rows: string[] = []): Promise<void> {
  const table = new Table();
  for (const row of ROWS) {
    const name = row.name.toLowerCase();
    if (rows.length > 0 && !rows.some((word) => name.includes(word.toLowerCase()))) continue;
    console.log(`[ ${row.name} ]`);
    warmUp(row);
    const start = performance.now();
    for (
      let i = 0;
      i < MEASURED_RUNS && (i === 0 || performance.now() - start < MEASURED_MS);
      i++
    ) {
      row.run({
        say: (line) => i === 0 && console.log(line),
        figure: (figure, took) => table.add(row.name, figure, took),
      });
      // Lets one run's garbage go before the next one is timed.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  console.log('');
  for (const line of table.lines()) console.log(line);
}
