import { err, ok, type Result } from '../base/result.ts';
import type { Parameter } from '../types/index.ts';
import type { Infer, Params } from './param.ts';

/**
 * Reads the ordered pairs of a module manifest. Unknown names, repeated ones (lists apart, which
 * add up) and missing required ones are refused, so that a typing error never passes silently.
 */
export function parseParameters<P extends Params>(
  params: P,
  pairs: readonly Parameter[],
): Result<Infer<P>> {
  const texts = new Map<string, string>();
  for (const { key, value } of pairs) {
    const param = Object.hasOwn(params, key) ? params[key] : undefined;
    if (param === undefined) return err(unknownParameter(key, Object.keys(params)));
    const earlier = texts.get(key);
    if (earlier !== undefined && param.type !== 'list') {
      return err(`Parameter '${key}' is given twice`);
    }
    texts.set(key, earlier === undefined ? value : `${earlier},${value}`);
  }

  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(params)) {
    const text = texts.get(name);
    if (text === undefined) {
      if (param.required) return err(`Parameter '${name}' is required`);
      values[name] = param.default;
      continue;
    }
    const parsed = param.parse(text);
    if (!parsed.ok) {
      const shown = param.type === 'secret' ? '' : ` '${text}'`;
      return err(`Bad value${shown} of parameter '${name}': ${parsed.error}`);
    }
    values[name] = parsed.value;
  }
  return ok(values as Infer<P>);
}

function unknownParameter(key: string, known: readonly string[]): string {
  const list = known.length === 0 ? 'it takes none' : `known are ${known.join(', ')}`;
  return `Unknown parameter '${key}'; ${list}`;
}
