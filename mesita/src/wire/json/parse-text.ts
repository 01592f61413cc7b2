// JSON text as Mesos accepts it: `01` and `1.` are numbers, a lone surrogate escape is an error,
// and what a client reads about an error names the line and the rest of it.
import { DecodeError } from '../errors.ts';

/** Integers that a double cannot hold, but 64 signed bits can, are bigint. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [member: string]: JsonValue;
}

/** Arrays and objects nest no deeper. */
const maxDepth = 200;

interface Cursor {
  readonly text: string;
  position: number;
}

/** Takes time linear in the text and throws nothing but DecodeError. */
export function parseText(text: string): JsonValue {
  const c: Cursor = { text, position: 0 };
  const value = parseValue(c, maxDepth);
  let end = text.length;
  while (end > c.position && ' \t\n\v\f\r'.includes(text[end - 1] as string)) end--;
  if (end === c.position) return value;
  const rest = text.slice(c.position, end);
  throw new DecodeError(`Parsed JSON included non-whitespace trailing characters: ${rest}`);
}

function parseValue(c: Cursor, depth: number): JsonValue {
  switch (skipSpace(c)) {
    case '{':
      return parseObject(c, depth);
    case '[':
      return parseArray(c, depth);
    case '"':
      c.position++;
      return parseString(c);
    case 't':
      return parseWord(c, 'true', true);
    case 'f':
      return parseWord(c, 'false', false);
    case 'n':
      return parseWord(c, 'null', null);
    default:
      return parseNumber(c);
  }
}

function parseObject(c: Cursor, depth: number): JsonObject {
  c.position++;
  if (depth === 0) throw syntaxError(c);
  const object: JsonObject = {};
  if (accept(c, '}')) return object;
  do {
    expect(c, '"');
    const member = parseString(c);
    expect(c, ':');
    setMember(object, member, parseValue(c, depth - 1));
  } while (accept(c, ','));
  expect(c, '}');
  return object;
}

/** Assigning to `__proto__` would not make a member of it. */
function setMember(object: JsonObject, member: string, value: JsonValue): void {
  if (member !== '__proto__') object[member] = value;
  else
    Object.defineProperty(object, member, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function parseArray(c: Cursor, depth: number): JsonValue[] {
  c.position++;
  if (depth === 0) throw syntaxError(c);
  const array: JsonValue[] = [];
  if (accept(c, ']')) return array;
  do array.push(parseValue(c, depth - 1));
  while (accept(c, ','));
  expect(c, ']');
  return array;
}

// Up to a quote, a backslash or a control character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what ends a string here
const plain = /[^"\\\u0000-\u001f]*/y;

/** The opening quote has been read. */
function parseString(c: Cursor): string {
  let text = '';
  for (;;) {
    plain.lastIndex = c.position;
    plain.test(c.text);
    text += c.text.slice(c.position, plain.lastIndex);
    c.position = plain.lastIndex;
    const next = c.text[c.position];
    if (next === '"') {
      c.position++;
      return text;
    }
    if (next !== '\\') throw syntaxError(c);
    c.position++;
    text += parseEscape(c);
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function parseEscape(c: Cursor): string {
  const letter = c.text[c.position] ?? '';
  if (letter !== '') c.position++;
  if (letter !== 'u') {
    const meant = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (meant === undefined) throw syntaxError(c);
    return meant;
  }
  const first = parseHex(c);
  if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
  if (first > 0xdbff || !c.text.startsWith('\\u', c.position)) throw syntaxError(c);
  c.position += 2;
  const second = parseHex(c);
  if (second < 0xdc00 || second > 0xdfff) throw syntaxError(c);
  return String.fromCharCode(first, second);
}

function parseHex(c: Cursor): number {
  const from = c.position;
  while (c.position < from + 4) {
    if (!/[0-9a-fA-F]/.test(c.text[c.position] ?? '')) throw syntaxError(c);
    c.position++;
  }
  return Number.parseInt(c.text.slice(from, c.position), 16);
}

const numberLetters = /[-+.eE0-9]*/y;
const integer = /^-?[0-9]+$/;
const decimal = /^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

function parseNumber(c: Cursor): number | bigint {
  if (!/[-0-9]/.test(c.text[c.position] ?? '')) throw syntaxError(c);
  numberLetters.lastIndex = c.position;
  numberLetters.test(c.text);
  const letters = c.text.slice(c.position, numberLetters.lastIndex);
  c.position = numberLetters.lastIndex;
  if (!decimal.test(letters)) throw syntaxError(c);
  const number = Number(letters);
  if (!Number.isFinite(number)) throw new DecodeError('Value out of range');
  // Twenty letters hold every 64-bit integer; a longer text may be too long for BigInt.
  if (Number.isSafeInteger(number) || letters.length > 20 || !integer.test(letters)) return number;
  const exact = BigInt(letters);
  return exact >= int64.min && exact <= int64.max ? exact : number;
}

function parseWord<T>(c: Cursor, word: string, value: T): T {
  for (const letter of word) {
    if (c.text[c.position] !== letter) throw syntaxError(c);
    c.position++;
  }
  return value;
}

function skipSpace(c: Cursor): string | undefined {
  for (;;) {
    const next = c.text[c.position];
    if (next !== ' ' && next !== '\n' && next !== '\t' && next !== '\r') return next;
    c.position++;
  }
}

function accept(c: Cursor, letter: string): boolean {
  if (skipSpace(c) !== letter) return false;
  c.position++;
  return true;
}

function expect(c: Cursor, letter: string): void {
  if (!accept(c, letter)) throw syntaxError(c);
}

function syntaxError({ text, position }: Cursor): DecodeError {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line++;
  const end = text.indexOf('\n', position);
  const rest = text.slice(position, end < 0 ? undefined : end);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an answer carries none
  const shown = rest.replace(/[\u0000-\u001f]/g, '');
  return new DecodeError(`syntax error at line ${line} near: ${shown}`);
}
