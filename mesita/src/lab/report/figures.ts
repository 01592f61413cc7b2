import type { Account } from '../ledger.ts';
import type { Outcome } from '../simulation.ts';
import { logHistogram, quantile } from '../statistics.ts';
import { histogramChart, PART_LOOKS, type StackedBar, stackedChart } from './bar-charts.ts';
import { type Line, legend, lineChart } from './line-chart.ts';
import { formatPercent } from './markup.ts';

/** One thing to look at, drawn once for each run on the same scales. */
export interface Figure {
  readonly title: string;
  /** What it shows and how to read it. */
  readonly text: string;
  readonly panels: readonly string[];
  readonly legend?: string;
}

const MS_PER_MINUTE = 60_000;
const MOST_LINES = 8;

export function figuresOf(outcomes: readonly Outcome[]): Figure[] {
  return [
    shares(outcomes),
    utilisation(outcomes),
    offers(outcomes),
    waiting(outcomes),
    fairness(outcomes),
    runTimes(outcomes),
  ];
}

function shares(outcomes: readonly Outcome[]): Figure {
  const names = namesOf(outcomes, (sample) => sample.shares);
  return overTime(outcomes, {
    title: 'Dominant shares',
    text: 'The largest part of any resource that tasks of a role hold. Roles that want more than they get should stand in proportion to their weights.',
    yLabel: 'dominant share',
    names,
    value: (sample, name) => sample.shares.get(name) ?? 0,
  });
}

function utilisation(outcomes: readonly Outcome[]): Figure {
  const names = namesOf(outcomes, (sample) => sample.used);
  return overTime(outcomes, {
    title: 'Utilisation',
    text: 'The part of the cluster that tasks hold, by resource.',
    yLabel: 'part in use',
    names,
    max: 1,
    value: (sample, name) => sample.used.get(name) ?? 0,
  });
}

function fairness(outcomes: readonly Outcome[]): Figure {
  const figure = overTime(outcomes, {
    title: 'Fairness',
    text: 'Jain’s index over the frameworks that wait for something, of their shares in proportion to what they should be: 1 when all are treated alike. A gap: fewer than two wait.',
    yLabel: 'Jain’s index',
    names: ['Jain’s index'],
    max: 1,
    format: (value) => value.toFixed(1),
    value: (sample) => sample.fairness,
  });
  return { title: figure.title, text: figure.text, panels: figure.panels };
}

interface OverTime {
  readonly title: string;
  readonly text: string;
  readonly yLabel: string;
  readonly names: readonly string[];
  readonly max?: number;
  readonly format?: (value: number) => string;
  readonly value: (sample: Outcome['samples'][number], name: string) => number | undefined;
}

function overTime(outcomes: readonly Outcome[], chart: OverTime): Figure {
  const { title, text, names, value, format = (part: number) => formatPercent(part, 0) } = chart;
  const linesOf = ({ samples }: Outcome): Line[] =>
    names.map((name) => ({
      name,
      points: samples.map((sample) => [sample.atMs / MS_PER_MINUTE, value(sample, name)] as const),
    }));
  const all = outcomes.map(linesOf);
  const highest = Math.max(
    1e-3,
    ...all.flat().flatMap(({ points }) => points.map(([, y]) => y ?? 0)),
  );
  const minutes =
    Math.max(...outcomes.map(({ samples }) => samples.at(-1)?.atMs ?? 0)) / MS_PER_MINUTE;
  const panels = all.map((lines) =>
    lineChart({
      title,
      x: { label: 'minutes', max: minutes },
      y: { label: chart.yLabel, max: chart.max ?? highest, format },
      lines,
    }),
  );
  return { title, text, panels, legend: legend(names) };
}

/** The ones with the highest values, in the order of their names. */
function namesOf(
  outcomes: readonly Outcome[],
  valuesOf: (sample: Outcome['samples'][number]) => ReadonlyMap<string, number>,
): string[] {
  const highest = new Map<string, number>();
  for (const { samples } of outcomes) {
    for (const sample of samples) {
      for (const [name, value] of valuesOf(sample)) {
        highest.set(name, Math.max(highest.get(name) ?? 0, value));
      }
    }
  }
  const ranked = [...highest].filter(([, value]) => value > 0).sort(([, a], [, b]) => b - a);
  return ranked
    .slice(0, MOST_LINES)
    .map(([name]) => name)
    .sort();
}

const MOST_BARS = 120;

function offers(outcomes: readonly Outcome[]): Figure {
  const partNames = ['accepted', 'declined'];
  const all = outcomes.map(({ accounts }) => barsOf(accounts));
  const max = Math.max(1, ...all.flat().map(({ parts }) => parts.reduce((a, b) => a + b, 0)));
  const title = 'Offers per framework';
  const panels = all.map((bars) =>
    stackedChart({
      title,
      xLabel: 'frameworks, those with the most offers first',
      yLabel: 'offers',
      bars,
      max,
      partNames,
    }),
  );
  return {
    title,
    text: 'How many offers each framework was made, and how many it could use.',
    panels,
    legend: legend(partNames, PART_LOOKS),
  };
}

function barsOf(accounts: readonly Account[]): StackedBar[] {
  const ranked = [...accounts].sort((a, b) => b.offers - a.offers);
  // Of very many frameworks, evenly spread ones.
  const step = Math.max(1, ranked.length / MOST_BARS);
  const count = Math.min(ranked.length, MOST_BARS);
  return Array.from({ length: count }, (_, i) => {
    const account = ranked[Math.floor(i * step)] as Account;
    const { framework, role, offers: made, accepted } = account;
    return { name: `${framework} (${role})`, parts: [accepted, made - accepted] };
  });
}

function waiting(outcomes: readonly Outcome[]): Figure {
  return durations(outcomes, {
    title: 'Waiting time',
    text: 'From the wish for a task to the offer that let it start, on a logarithmic scale.',
    xLabel: 'from wish to offer',
    yLabel: 'part of the tasks',
    values: ({ waits }) => waits,
    from: 1,
    perDecade: 10,
  });
}

function runTimes(outcomes: readonly Outcome[]): Figure {
  return durations(outcomes, {
    title: 'Time of a run',
    text: 'How long the allocator computed in one allocation run, in real time on the machine of this report.',
    xLabel: 'time of a run',
    yLabel: 'part of the runs',
    values: ({ runTimes: times }) => times,
    from: 0.001,
    perDecade: 8,
  });
}

interface Durations {
  readonly title: string;
  readonly text: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly values: (outcome: Outcome) => readonly number[];
  readonly from: number;
  readonly perDecade: number;
}

function durations(outcomes: readonly Outcome[], chart: Durations): Figure {
  const { title, text, xLabel, yLabel, values, from, perDecade } = chart;
  const longest = Math.max(from * 10, ...outcomes.map((outcome) => values(outcome).at(-1) ?? 0));
  const to = from * 10 ** Math.ceil(Math.log10(longest / from));
  const histograms = outcomes.map((outcome) =>
    logHistogram(values(outcome), { from, to, perDecade }),
  );
  const max = Math.max(
    ...histograms.flatMap(({ counts }) => {
      const total = Math.max(
        1,
        counts.reduce((sum, count) => sum + count, 0),
      );
      return counts.map((count) => count / total);
    }),
  );
  const panels = histograms.map((histogram, i) => {
    const sorted = values(outcomes[i] as Outcome);
    const marks = [
      ['median', quantile(sorted, 0.5)],
      ['p99', quantile(sorted, 0.99)],
    ] as const;
    return histogramChart({ title, xLabel, yLabel, histogram, max, marks });
  });
  return { title, text, panels };
}
