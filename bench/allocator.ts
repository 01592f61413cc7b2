// The allocator's benchmarks: the real allocator's own set-ups, phases and lines, and some of ours.

import { addAndUpdateAgent, backlog, metrics, updateAllocation } from './allocator/events.ts';
import { freedToOffer, idleDecliners, oneEvent } from './allocator/ours.ts';
import { largeAndSmallQuota, nonQuotaVsQuota } from './allocator/quota.ts';
import type { Row } from './allocator/rounds.ts';
import {
  declineOffers,
  persistentVolumes,
  resourceLabels,
  suppressOffers,
} from './allocator/rounds.ts';

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

/** Before the clock counts: a master is warm after its first minute, a short benchmark never is. */
function warmUp(run: () => void): void {
  const { log } = console;
  console.log = () => undefined;
  try {
    const start = performance.now();
    do run();
    while (performance.now() - start < WARM_UP_MS);
  } finally {
    console.log = log;
  }
}

/** Runs the rows whose names contain one of the words; all of them without words. */
export async function allocatorBench(rows: string[] = []): Promise<void> {
  for (const { name, run } of ROWS) {
    if (rows.length > 0 && !rows.some((word) => name.toLowerCase().includes(word.toLowerCase())))
      continue;
    console.log(`[ ${name} ]`);
    warmUp(run);
    run();
    // Lets one row's garbage go before the next one is timed.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

if (process.argv[1]?.endsWith('bench/allocator.ts')) await allocatorBench(process.argv.slice(2));
