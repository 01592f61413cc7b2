/** One line of what a container may do with devices. */
export interface DeviceRule {
  readonly type: 'b' | 'c';
  /** Absent: every one. */
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  /** Of `r`, `w` and `m`: read, write, make a node. */
  readonly access: string;
}

/** `c 1:3 rwm`: how version 1 takes it. */
export function formatRule({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}

export function parseRule(text: string): DeviceRule {
  const [, type, major, minor, access = ''] =
    /^([bc]) (\d+|\*):(\d+|\*) ([rwm]+)$/.exec(text) ?? [];
  if (type !== 'b' && type !== 'c') throw new Error(`Malformed device rule '${text}'`);
  const number = (word: string | undefined) => (word === '*' ? undefined : Number(word));
  return { type, major: number(major), minor: number(minor), access };
}

const types = { b: 1, c: 2 };
const accessBits: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const allAccess = 7;

/** An instruction of 8 bytes; `dst` and `src` are registers. */
interface Instruction {
  readonly code: number;
  readonly dst?: number;
  readonly src?: number;
  readonly offset?: number;
  readonly value?: number;
}

/** Registers of the program: r0 is the answer, r1 points to what is asked. */
const answerRegister = 0;
const type = 3;
const access = 2;
const major = 4;
const minor = 5;

const set = (dst: number, value: number): Instruction => ({ code: 0xb7, dst, value });
const copy = (dst: number, src: number): Instruction => ({ code: 0xbc, dst, src });
const load = (dst: number, offset: number): Instruction => ({ code: 0x61, dst, src: 1, offset });
const and = (dst: number, value: number): Instruction => ({ code: 0x54, dst, value });
const shiftRight = (dst: number, value: number): Instruction => ({ code: 0x74, dst, value });
const exit: Instruction = { code: 0x95 };

/**
 * The program that a version 2 group is given: it allows what one of the rules allows whole, as
 * version 1 does, and refuses all else. Rules of one device must be joined beforehand.
 */
export function compileDevices(rules: readonly DeviceRule[]): Uint8Array {
  return assemble([
    // The lower half is the type, the upper one what is to be done.
    load(access, 0),
    copy(type, access),
    and(type, 0xffff),
    shiftRight(access, 16),
    load(major, 4),
    load(minor, 8),
    ...joinRules(rules).flatMap(compileRule),
    set(answerRegister, 0),
    exit,
  ]);
}

function joinRules(rules: readonly DeviceRule[]): DeviceRule[] {
  const joined = new Map<string, DeviceRule>();
  for (const rule of rules) {
    const key = `${rule.type} ${rule.major}:${rule.minor}`;
    const before = joined.get(key)?.access ?? '';
    joined.set(key, { ...rule, access: before + rule.access });
  }
  return [...joined.values()];
}

function compileRule(rule: DeviceRule): Instruction[] {
  const refused =
    allAccess & ~[...rule.access].reduce((sum, letter) => sum | (accessBits[letter] ?? 0), 0);
  const skipUnless: Instruction[] = [{ code: 0x55, dst: type, value: types[rule.type] }];
  if (rule.major !== undefined) skipUnless.push({ code: 0x55, dst: major, value: rule.major });
  if (rule.minor !== undefined) skipUnless.push({ code: 0x55, dst: minor, value: rule.minor });
  const body = [
    ...skipUnless,
    ...(refused === 0
      ? []
      : [
          copy(answerRegister, access),
          and(answerRegister, refused),
          { code: 0x55, dst: answerRegister, value: 0 },
        ]),
    set(answerRegister, 1),
    exit,
  ];
  // Where a comparison fails, the next rule begins.
  return body.map((each, at) =>
    each.code === 0x55 ? { ...each, offset: body.length - at - 1 } : each,
  );
}

function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * program.length);
  const view = new DataView(bytes.buffer);
  for (const [at, { code, dst = 0, src = 0, offset = 0, value = 0 }] of program.entries()) {
    view.setUint8(8 * at, code);
    view.setUint8(8 * at + 1, (src << 4) | dst);
    view.setInt16(8 * at + 2, offset, true);
    view.setInt32(8 * at + 4, value, true);
  }
  return bytes;
}
