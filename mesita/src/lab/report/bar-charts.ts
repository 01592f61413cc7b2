import type { Histogram } from '../statistics.ts';
import { drawAxes, linear, logarithmic, PLOT, roundTicks, svg } from './axes.ts';
import { escapeText, formatCount, formatDecade, formatMs, formatPercent, short } from './markup.ts';

interface HistogramChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly histogram: Histogram;
  /** Of the tallest bar of all charts that are compared, as a part of its whole. */
  readonly max: number;
  /** Values that are marked, with their names. */
  readonly marks: readonly (readonly [name: string, value: number])[];
}

/** Durations on a logarithmic scale; heights are parts of the whole. */
export function histogramChart(chart: HistogramChart): string {
  const { title, histogram, marks } = chart;
  const { edges, counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const [from, to] = [edges[0] as number, edges.at(-1) as number];
  const yTicks = roundTicks(chart.max, 4);
  const xScale = logarithmic([from, to], [PLOT.left, PLOT.right]);
  const yScale = linear(yTicks.at(-1) ?? 1, [PLOT.bottom, PLOT.top]);
  const decades: number[] = [];
  for (let at = from; at <= to * 1.001; at *= 10) decades.push(at);
  const axes = drawAxes({
    x: {
      scale: xScale,
      label: chart.xLabel,
      ticks: decades.map((at) => ({ at, text: formatDecade(at) })),
    },
    y: {
      scale: yScale,
      label: chart.yLabel,
      ticks: yTicks.map((at) => ({ at, text: formatPercent(at, 0) })),
    },
  });
  const bars = counts.map((count, i) => {
    if (count === 0) return '';
    const [left, right] = [xScale(edges[i] as number), xScale(edges[i + 1] as number)];
    const top = Math.min(yScale(count / total), PLOT.bottom - 1);
    const range = `${formatMs(edges[i] as number)} – ${formatMs(edges[i + 1] as number)}`;
    const tip = `${range}: ${formatCount(count)} (${formatPercent(count / total)})`;
    return bar(left + 0.75, right - left - 1.5, top, PLOT.bottom, 's0', tip);
  });
  return svg(title, [axes, ...bars, ...drawMarks(marks, xScale)].join('\n'));
}

function drawMarks(marks: HistogramChart['marks'], scale: (value: number) => number): string[] {
  return marks
    .filter(([, value]) => !Number.isNaN(value))
    .map(([name, value], i) => {
      const x = scale(value);
      const isLeft = x > PLOT.right - 110;
      const anchor = isLeft ? 'end' : 'start';
      const text = `${name} ${formatMs(value)}`;
      return (
        `<line class="mark" x1="${short(x)}" x2="${short(x)}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>` +
        `<text class="marked" x="${short(x + (isLeft ? -5 : 5))}" y="${PLOT.top + 10 + 14 * i}" text-anchor="${anchor}">${escapeText(text)}</text>`
      );
    });
}

export interface StackedBar {
  readonly name: string;
  /** From below, in the order of the colours. */
  readonly parts: readonly number[];
}

interface StackedChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly bars: readonly StackedBar[];
  readonly max: number;
  readonly partNames: readonly string[];
}

/** What matters stands out; the last part is the rest. */
export const PART_LOOKS = ['s0', 's7'];

export function stackedChart(chart: StackedChart): string {
  const { title, bars, partNames } = chart;
  const yTicks = roundTicks(chart.max, 5);
  const yScale = linear(yTicks.at(-1) ?? 1, [PLOT.bottom, PLOT.top]);
  const width = (PLOT.right - PLOT.left) / Math.max(1, bars.length);
  const xScale = (index: number) => PLOT.left + index * width;
  const every = Math.max(1, (roundTicks(bars.length, 8)[1] ?? 1) | 0);
  const ranks = bars.map((_, i) => i + 1).filter((rank) => rank === 1 || rank % every === 0);
  const axes = drawAxes({
    x: {
      scale: (rank) => xScale(rank - 0.5),
      label: chart.xLabel,
      ticks: ranks.map((at) => ({ at, text: String(at) })),
    },
    y: {
      scale: yScale,
      label: chart.yLabel,
      ticks: yTicks.map((at) => ({ at, text: formatCount(at) })),
    },
  });
  const gap = width > 4 ? 1 : 0;
  const drawn = bars.flatMap(({ name, parts }, i) => {
    let sum = 0;
    return parts.map((part, of) => {
      const bottom = yScale(sum);
      sum += part;
      if (part === 0) return '';
      const tip = `${name}: ${formatCount(part)} ${partNames[of] ?? ''}`;
      const look = PART_LOOKS[of] ?? '';
      return bar(xScale(i) + gap / 2, width - gap, yScale(sum), bottom, look, tip);
    });
  });
  return svg(title, [axes, ...drawn].join('\n'));
}

function bar(x: number, width: number, top: number, bottom: number, look: string, tip: string) {
  const size = `width="${short(Math.max(0.4, width))}" height="${short(Math.max(0, bottom - top))}"`;
  return `<rect class="bar ${look}" x="${short(x)}" y="${short(top)}" ${size}><title>${escapeText(tip)}</title></rect>`;
}
