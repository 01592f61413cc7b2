import { escapeText, short } from './markup.ts';

const WIDTH = 560;
const HEIGHT = 270;
export const PLOT = { left: 66, right: WIDTH - 14, top: 14, bottom: HEIGHT - 44 } as const;

interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Maps the values from..to of an axis to the plot's pixels. */
type Scale = (value: number) => number;

export function linear(to: number, [begin, end]: readonly [number, number]): Scale {
  return (value) => begin + (Math.min(value, to) / to) * (end - begin);
}

export function logarithmic(
  [from, to]: readonly [number, number],
  [begin, end]: readonly [number, number],
): Scale {
  const range = Math.log(to / from);
  return (value) => begin + (Math.log(Math.max(value, from) / from) / range) * (end - begin);
}

/** Round numbers from 0 to at least `max`, about `count` of them. */
export function roundTicks(max: number, count: number): number[] {
  const raw = Math.max(max, 1e-9) / count;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5].find((each) => each * magnitude >= raw * 0.999) ?? 10) * magnitude;
  const ticks: number[] = [];
  for (let i = 0; i === 0 || (ticks.at(-1) as number) < max * 0.999; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

interface Axes {
  readonly x: { readonly scale: Scale; readonly ticks: readonly Tick[]; readonly label: string };
  readonly y: { readonly scale: Scale; readonly ticks: readonly Tick[]; readonly label: string };
}

/** Grid, ticks and labels, beneath what is drawn. */
export function drawAxes({ x, y }: Axes): string {
  const middle = (PLOT.top + PLOT.bottom) / 2;
  const horizontal = y.ticks.map(({ at, text }) => {
    const height = short(y.scale(at));
    return (
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${height}" y2="${height}"/>` +
      `<text x="${PLOT.left - 8}" y="${height}" dy="0.33em" text-anchor="end">${escapeText(text)}</text>`
    );
  });
  const vertical = x.ticks.map(({ at, text }) => {
    const place = short(x.scale(at));
    return (
      `<line class="tick" x1="${place}" x2="${place}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 4}"/>` +
      `<text x="${place}" y="${PLOT.bottom + 17}" text-anchor="middle">${escapeText(text)}</text>`
    );
  });
  return [
    ...horizontal,
    ...vertical,
    `<line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}"/>`,
    `<text class="label" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escapeText(x.label)}</text>`,
    `<text class="label" transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(y.label)}</text>`,
  ].join('\n');
}

export function svg(title: string, content: string): string {
  const name = escapeText(title);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}">\n${content}\n</svg>`;
}
