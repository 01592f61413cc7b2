import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileDevices, type DeviceRule, formatRule, parseRule } from './device-program.ts';

interface Question {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  /** Of `r`, `w` and `m`. */
  readonly access: string;
}

const bits: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const bitsOf = (access: string): number =>
  [...access].reduce((sum, letter) => sum | (bits[letter] ?? 0), 0);

/** What the kernel would answer. */
function ask(program: Uint8Array, { type, major, minor, access }: Question): boolean {
  const question = [(bitsOf(access) << 16) | (type === 'b' ? 1 : 2), major, minor];
  const code = new DataView(program.buffer);
  const registers: number[] = [];
  for (let at = 0; ; at++) {
    const dst = code.getUint8(8 * at + 1) & 15;
    const src = code.getUint8(8 * at + 1) >> 4;
    const offset = code.getInt16(8 * at + 2, true);
    const value = code.getInt32(8 * at + 4, true);
    const held = registers[dst] ?? Number.NaN;
    const instruction = code.getUint8(8 * at);
    if (instruction === 0x95) return registers[0] === 1;
    if (instruction === 0x61) registers[dst] = question[offset / 4] ?? Number.NaN;
    else if (instruction === 0xb7) registers[dst] = value;
    else if (instruction === 0xbc) registers[dst] = registers[src] ?? Number.NaN;
    else if (instruction === 0x54) registers[dst] = held & value;
    else if (instruction === 0x74) registers[dst] = held >>> value;
    else if (instruction === 0x55) at += held === value ? 0 : offset;
    else throw new Error(`Unknown instruction at ${at}`);
  }
}

const number = fc.integer({ min: 0, max: 3 });
const rule: fc.Arbitrary<DeviceRule> = fc.record({
  type: fc.constantFrom('b', 'c'),
  major: fc.option(number, { nil: undefined }),
  minor: fc.option(number, { nil: undefined }),
  access: fc.constantFrom('r', 'w', 'm', 'rw', 'rwm', 'wm'),
});
const question: fc.Arbitrary<Question> = fc.record({
  type: fc.constantFrom('b', 'c'),
  major: number,
  minor: number,
  access: fc.constantFrom('r', 'w', 'm', 'rw'),
});

/** The rules of one device count together, those of different patterns each for itself. */
function allows(rules: readonly DeviceRule[], { type, major, minor, access }: Question): boolean {
  return rules.some((one) => {
    const same = rules.filter(
      (other) => other.type === one.type && other.major === one.major && other.minor === one.minor,
    );
    const granted = same.reduce((sum, each) => sum | bitsOf(each.access), 0);
    return (
      one.type === type &&
      (one.major ?? major) === major &&
      (one.minor ?? minor) === minor &&
      (bitsOf(access) & ~granted) === 0
    );
  });
}

test('the program allows what the rules allow', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), fc.array(question), (rules, questions) => {
      const program = compileDevices(rules);
      for (const each of questions) expect(ask(program, each)).toBe(allows(rules, each));
    }),
  );
});

test('rules as version 1 writes them', () => {
  for (const text of ['c 1:3 rwm', 'b *:* m', 'c 136:* rw']) {
    expect(formatRule(parseRule(text))).toBe(text);
  }
  expect(() => parseRule('a *:* rwm')).toThrow("Malformed device rule 'a *:* rwm'");
});
