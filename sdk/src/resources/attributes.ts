import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Attribute } from '../types/mesos.ts';
import { rangesEqual, rangesFromMessage } from './value-ranges.ts';
import { toThousandths } from './value-scalar.ts';
import { formatValue, parseValue } from './values.ts';

/** `rack:abc;zone:west;level:10;ports:[1-5]`. A colon after the first belongs to the value; sets are refused. */
export function parseAttributes(text: string): Result<Attribute[]> {
  const attributes: Attribute[] = [];
  for (const token of text.split(/[;\n]/).filter((part) => part !== '')) {
    const colon = token.indexOf(':');
    const name = token.slice(0, colon);
    const valueText = token.slice(colon + 1);
    if (colon <= 0 || valueText === '') return err(`Invalid attribute key:value pair '${token}'`);
    const attribute = parseAttribute(name, valueText);
    if (!attribute.ok) return attribute;
    attributes.push(attribute.value);
  }
  return ok(attributes);
}

export function parseAttribute(name: string, text: string): Result<Attribute> {
  const parsed = parseValue(text);
  if (!parsed.ok)
    return err(`Failed to parse attribute ${name} text ${text} error ${parsed.error}`);
  const { type, scalar, ranges, text: words } = parsed.value;
  if (type === 'SET') return err(`Bad type for attribute ${name} text ${text} type 2`);
  return ok({
    name,
    type,
    ...(scalar && { scalar }),
    ...(ranges && { ranges }),
    ...(words && { text: words }),
  });
}

/** Without a view to order; each one matched by one of equal name, type and value. */
export function attributesEqual(a: readonly Attribute[], b: readonly Attribute[]): boolean {
  if (a.length !== b.length) return false;
  const rest = [...b];
  for (const attribute of a) {
    const at = rest.findIndex((other) => attributeEqual(attribute, other));
    if (at < 0) return false;
    rest.splice(at, 1);
  }
  return true;
}

function attributeEqual(a: Attribute, b: Attribute): boolean {
  if (a.name !== b.name || a.type !== b.type) return false;
  switch (a.type) {
    case 'SCALAR':
      return toThousandths(a.scalar?.value ?? 0) === toThousandths(b.scalar?.value ?? 0);
    case 'RANGES':
      return rangesEqual(rangesFromMessage(a.ranges), rangesFromMessage(b.ranges));
    case 'TEXT':
      return (a.text?.value ?? '') === (b.text?.value ?? '');
    default:
      return formatValue(a) === formatValue(b);
  }
}

export function formatAttribute(attribute: Attribute): string {
  return `${attribute.name}=${formatValue(attribute)}`;
}

/** Why a message is not an attribute an agent may have. */
export function validateAttribute(attribute: Attribute): string | undefined {
  const { name, type, scalar, ranges, text } = attribute;
  if (name === '') return 'Empty attribute name';
  const isFilled =
    (type === 'SCALAR' && scalar !== undefined) ||
    (type === 'RANGES' && ranges !== undefined) ||
    (type === 'TEXT' && text !== undefined);
  return isFilled ? undefined : `Attribute '${name}' has no value of its type ${type}`;
}
