import type { Outcome } from '../simulation.ts';
import { mean, quantile } from '../statistics.ts';
import { escapeText, formatCount, formatMs, formatPercent } from './markup.ts';

interface Row {
  readonly name: string;
  readonly value: (outcome: Outcome) => number;
  readonly format: (value: number) => string;
  readonly better?: 'low' | 'high';
}

type Group = readonly [title: string, rows: readonly Row[]];

// The cluster fills up first; what is averaged begins after that.
const WARM_UP_PART = 0.2;

export function summaryTables(outcomes: readonly Outcome[]): string {
  const names = outcomes.map(({ allocator }) => `<th scope="col">${escapeText(allocator)}</th>`);
  const heads = outcomes.length > 1 ? names.join('') : '<td></td>';
  const tables = groupsFor(outcomes).map(([title, rows]) => {
    const head = `<thead><tr><th scope="col" class="group">${escapeText(title)}</th>${heads}</tr></thead>`;
    const body = rows.map((row) => summaryRow(row, outcomes)).join('\n');
    return `<table>${head}<tbody>${body}</tbody></table>`;
  });
  return `<div class="summary">${tables.join('\n')}</div>`;
}

function summaryRow({ name, value, format, better }: Row, outcomes: readonly Outcome[]): string {
  const values = outcomes.map(value);
  const best = better === 'low' ? Math.min(...values) : Math.max(...values);
  const isContested = better !== undefined && new Set(values.map(format)).size > 1;
  const cells = values.map((each) => {
    const isBest = isContested && each === best;
    return `<td${isBest ? ' class="best"' : ''}>${escapeText(Number.isFinite(each) ? format(each) : '–')}</td>`;
  });
  return `<tr><th scope="row">${escapeText(name)}</th>${cells.join('')}</tr>`;
}

function groupsFor(outcomes: readonly Outcome[]): Group[] {
  const resources = [...new Set(outcomes.flatMap(({ samples }) => usedNames(samples)))];
  const settled = ({ samples }: Outcome) => samples.slice(samples.length * WARM_UP_PART);
  const utilisation = resources.map(
    (name): Row => ({
      name: `utilisation of ${name}, mean`,
      value: (outcome) => mean(settled(outcome).map(({ used }) => used.get(name) ?? 0)),
      format: formatPercent,
      better: 'high',
    }),
  );
  const fairness: Row = {
    name: 'Jain’s index, mean',
    value: (outcome) => mean(settled(outcome).flatMap(({ fairness: index }) => index ?? [])),
    format: (value) => value.toFixed(3),
    better: 'high',
  };
  const sum = (outcome: Outcome, of: 'offers' | 'accepted') =>
    outcome.accounts.reduce((total, account) => total + account[of], 0);
  return [
    ['Waiting', waitingRows],
    ['Cluster', [...utilisation, fairness]],
    [
      'Offers',
      [
        { name: 'offers', value: (outcome) => sum(outcome, 'offers'), format: formatCount },
        {
          name: 'of them accepted',
          value: (outcome) => sum(outcome, 'accepted') / sum(outcome, 'offers'),
          format: formatPercent,
          better: 'high',
        },
      ],
    ],
    ['Work of the allocator', workRows],
  ];
}

const waitingRows: readonly Row[] = [
  {
    name: 'tasks launched',
    value: ({ waits }) => waits.length,
    format: formatCount,
    better: 'high',
  },
  {
    name: 'tasks waiting at the end',
    value: ({ openWaits }) => openWaits.length,
    format: formatCount,
    better: 'low',
  },
  ...(
    [
      ['median', 0.5],
      ['90 % within', 0.9],
      ['99 % within', 0.99],
    ] as const
  ).map(
    ([name, q]): Row => ({
      name: `wish to offer, ${name}`,
      value: ({ waits }) => quantile(waits, q),
      format: formatMs,
      better: 'low',
    }),
  ),
];

const workRows: readonly Row[] = [
  { name: 'runs', value: ({ runTimes }) => runTimes.length, format: formatCount },
  ...(
    [
      ['median', 0.5],
      ['99 % within', 0.99],
      ['longest', 1],
    ] as const
  ).map(
    ([name, q]): Row => ({
      name: `time of a run, ${name}`,
      value: ({ runTimes }) => quantile(runTimes, q),
      format: formatMs,
      better: 'low',
    }),
  ),
];

function usedNames(samples: Outcome['samples']): string[] {
  const names = new Set<string>();
  for (const { used } of samples) for (const [name, part] of used) if (part > 0) names.add(name);
  return [...names];
}
