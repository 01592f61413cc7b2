import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Attribute, Value } from '../types/mesos.ts';
import { coalesce, formatRanges } from './value-ranges.ts';
import { formatThousandths, toThousandths } from './value-scalar.ts';
import { formatItems } from './value-set.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const SMALLEST_NORMAL = 2.2250738585072014e-308;
const MAX_UINT64 = (1n << 64n) - 1n;

/**
 * The text of one value: `4.5` scalar, `[1-5,8-9]` ranges, `{a,b}` set, anything else text.
 * White space means nothing, not even inside. Ranges come out sorted and merged unless one of them
 * ends before it begins: that is for validation to refuse.
 */
export function parseValue(text: string): Result<Value> {
  const compact = text.replace(/\s/g, '');
  if (compact === '') return err('Expecting non-empty string');
  if (
    !bracketsMatch(compact, '{', '}') ||
    !bracketsMatch(compact, '[', ']') ||
    !bracketsMatch(compact, '(', ')')
  ) {
    return err('Mismatched brackets');
  }
  if (compact.startsWith('[')) return parseRanges(compact);
  if (compact.includes('[')) return err("Unexpected '[' found");
  if (compact.startsWith('{')) {
    return ok({ type: 'SET', set: { item: compact.split(/[{},]/).filter((item) => item !== '') } });
  }
  if (compact.includes('{')) return err("Unexpected '{' found");
  const value = NUMBER.test(compact) ? Number(compact) : Number.NaN;
  if (!(value >= 0) || value === Number.POSITIVE_INFINITY)
    return ok({ type: 'TEXT', text: { value: compact } });
  if (value !== 0 && value < SMALLEST_NORMAL) return err('Subnormal values not supported');
  return ok({ type: 'SCALAR', scalar: { value: value === 0 ? 0 : value } });
}

function parseRanges(compact: string): Result<Value> {
  const tokens = compact.split(/[[\]\-,]/).filter((token) => token !== '');
  if (tokens.length % 2 !== 0) return err('Expecting one or more "ranges"');
  const flat: number[] = [];
  let forward = true;
  for (let i = 0; i < tokens.length; i += 2) {
    for (const token of [tokens[i] as string, tokens[i + 1] as string]) {
      if (!/^\+?\d+$/.test(token) || BigInt(token.replace('+', '')) > MAX_UINT64) {
        return err(`Expecting non-negative integers in '${tokens[i]}'`);
      }
      flat.push(Number(token));
    }
    if ((flat[i] as number) > (flat[i + 1] as number)) forward = false;
  }
  const sorted = forward ? coalesce(flat) : flat;
  const range: Value.Range[] = [];
  for (let i = 0; i < sorted.length; i += 2)
    range.push({ begin: sorted[i] as number, end: sorted[i + 1] as number });
  return ok({ type: 'RANGES', ranges: { range } });
}

function bracketsMatch(text: string, open: string, close: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === open) depth++;
    else if (character === close && --depth < 0) return false;
  }
  return depth === 0;
}

/** As Mesos prints it: `4.5`, `[1-5, 8-9]`, `{a, b}`, or the text itself. */
export function formatValue(value: Value | Attribute): string {
  switch (value.type) {
    case 'SCALAR':
      return formatThousandths(toThousandths(value.scalar?.value ?? 0));
    case 'RANGES':
      return formatRanges((value.ranges?.range ?? []).flatMap(({ begin, end }) => [begin, end]));
    case 'SET':
      return formatItems(value.set?.item ?? []);
    case 'TEXT':
      return value.text?.value ?? '';
  }
}
