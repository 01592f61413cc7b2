import type { Took } from './measure.ts';
import { median, ms } from './measure.ts';

/**
 * What the real allocator takes on two cores of the same kind, milliseconds of wall time: one
 * figure, or the least and the most of several rounds.
 */
const MESOS: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  'AddAndUpdateAgent 10000 x 1000': { add: [806, 806], update: [617, 617] },
  'AddAndUpdateAgent 50000 x 1000': { add: [4718, 4718], update: [3544, 3544] },
  'DeclineOffers 1000 x 50': { offers: [36, 320], 'all filtered': [309, 309] },
  'DeclineOffers 1000 x 200': { offers: [41, 500], 'all filtered': [1340, 1340] },
  'ResourceLabels 1000 x 100': { offers: [46, 430], 'all filtered': [708, 708] },
  'ResourceLabels 5000 x 50': { offers: [259, 1226], 'all filtered': [2066, 2066] },
  'SuppressOffers 10000 x 1000': { offers: [454, 592], 'all suppressed': [58, 58] },
  'ExtremeSuppress 10000 x 1000': { offers: [355, 441] },
  'PersistentVolumes 10000 x 1000 regular': { offers: [532, 625] },
  'PersistentVolumes 1000 x 1000 shared': { offers: [263, 263] },
  'Metrics 10000 x 1000': { add: [28_100, 28_100], snapshot: [87, 87] },
  'Backlog 10000 x 1000': { revive: [5891, 5891] },
  'Backlog 10000 x 200': { revive: [429, 429] },
  'UpdateAllocation 50 roles': { conversion: [3.2, 3.2] },
  'UpdateAllocation 100 roles': { conversion: [8.6, 8.6] },
  'UpdateAllocation 200 roles': { conversion: [20.1, 20.1] },
  'LargeAndSmallQuota (2500,500) drf': {
    'add frameworks': [24_500, 24_500],
    first: [32_500, 32_500],
    second: [14_600, 14_600],
  },
  'LargeAndSmallQuota (2500,500) random': { first: [18_600, 18_600], second: [13_200, 13_200] },
  'LargeAndSmallQuota (250,50) drf': { first: [67, 67], second: [48, 48] },
  'NonQuotaVsQuota 1000 no quota drf': { first: [137, 137], second: [89, 89] },
  'NonQuotaVsQuota 1000 quota drf': { first: [142, 142], second: [43, 43] },
  'NonQuotaVsQuota 1000 no quota random': { first: [531, 531], second: [483, 483] },
  'NonQuotaVsQuota 1000 quota random': { first: [517, 517], second: [434, 434] },
  'FullSort 10000 x 1000': { allocate: [13, 13], unallocate: [406, 406] },
};

/** The figures of several runs of the rows, a line each. */
export class Table {
  readonly #figures = new Map<string, Map<string, Took[]>>();

  add(row: string, figure: string, took: Took): void {
    const figures = this.#figures.get(row) ?? new Map<string, Took[]>();
    this.#figures.set(row, figures);
    const all = figures.get(figure) ?? [];
    figures.set(figure, [...all, took]);
  }

  /** Ratios are of the least figure of theirs to the middle of our processor times. */
  lines(): string[] {
    const lines = [columns('row', 'figure', 'wall', 'processor', 'Mesos', 'ratio')];
    for (const [row, figures] of this.#figures) {
      for (const [figure, all] of figures) {
        const wall = median(all.map(({ wallMs }) => wallMs));
        const cpu = median(all.map(({ cpuMs }) => cpuMs));
        const mesos = MESOS[row]?.[figure];
        const [least, most] = mesos ?? [];
        const theirs = least === most ? `${least ?? '-'}` : `${least}-${most}`;
        const ratio = least === undefined ? '-' : (least / cpu).toPrecision(2);
        lines.push(columns(row, figure, ms(wall), ms(cpu), theirs, `${Number(ratio) || '-'}`));
      }
    }
    return lines;
  }
}

function columns(row: string, figure: string, ...numbers: string[]): string {
  return [row.padEnd(40), figure.padEnd(16), ...numbers.map((text) => text.padStart(12))].join(' ');
}
