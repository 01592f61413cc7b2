const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of others, made harmless in markup. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] as string);
}

export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function formatPercent(part: number, digits = 1): string {
  return `${(part * 100).toFixed(digits)} %`;
}

/** `250 µs`, `12 ms`, `3.2 s`, `2.5 min`. */
export function formatMs(ms: number): string {
  if (Number.isNaN(ms)) return '–';
  if (ms < 0.9995) return `${Number((ms * 1000).toPrecision(3))} µs`;
  if (ms < 999.5) return `${Number(ms.toPrecision(3))} ms`;
  if (ms < 99_950) return `${Number((ms / 1000).toPrecision(3))} s`;
  return `${Number((ms / 60_000).toPrecision(3))} min`;
}

/** A power of ten: `10 µs`, `100 ms`, `1000 s`. */
export function formatDecade(ms: number): string {
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

/** For coordinates: short and exact enough. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
