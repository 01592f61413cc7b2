import { drawAxes, linear, PLOT, roundTicks, svg } from './axes.ts';
import { escapeText, short } from './markup.ts';

export interface Line {
  readonly name: string;
  /** Undefined where there is nothing to say. */
  readonly points: readonly (readonly [x: number, y: number | undefined])[];
  readonly isDashed?: boolean;
}

interface LineChart {
  readonly title: string;
  readonly x: { readonly label: string; readonly max: number };
  readonly y: {
    readonly label: string;
    readonly max: number;
    readonly format: (value: number) => string;
  };
  readonly lines: readonly Line[];
}

const COLOURS = 8;

export function lineChart({ title, x, y, lines }: LineChart): string {
  const yTicks = roundTicks(y.max, 5);
  const xTicks = roundTicks(x.max, 7).filter((at) => at <= x.max * 1.001);
  const xScale = linear(x.max, [PLOT.left, PLOT.right]);
  const yScale = linear(yTicks.at(-1) ?? 1, [PLOT.bottom, PLOT.top]);
  const axes = drawAxes({
    x: {
      scale: xScale,
      label: x.label,
      ticks: xTicks.map((at) => ({ at, text: String(at) })),
    },
    y: {
      scale: yScale,
      label: y.label,
      ticks: yTicks.map((at) => ({ at, text: y.format(at) })),
    },
  });
  const paths = lines.map(({ name, points, isDashed }, i) => {
    let isGap = true;
    const steps = points.flatMap(([px, py]) => {
      const command = isGap ? 'M' : 'L';
      isGap = py === undefined;
      return py === undefined ? [] : [`${command}${short(xScale(px))} ${short(yScale(py))}`];
    });
    const look = `line s${i % COLOURS}${isDashed ? ' dashed' : ''}`;
    return `<path class="${look}" d="${steps.join('')}"><title>${escapeText(name)}</title></path>`;
  });
  return svg(title, [axes, ...paths].join('\n'));
}

export function legend(names: readonly string[], looks?: readonly string[]): string {
  const items = names.map((name, i) => {
    const look = looks?.[i] ?? `s${i % COLOURS}`;
    return `<span><i class="swatch ${look}"></i>${escapeText(name)}</span>`;
  });
  return `<p class="legend">${items.join('')}</p>`;
}
