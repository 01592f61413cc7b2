import type { ContainerSeccompProfile } from '@mesita/sdk/types/containerizer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSeccomp } from './compile.ts';
import { systemCallsOf } from './system-calls.ts';

const allow = 0x7fff0000;
const refuse = 0x00050001;
const kill = 0;
const machine = 0xc000003e;

/** What the kernel would answer. */
function ask(
  program: Uint8Array,
  number: number,
  args: readonly bigint[] = [],
  arch = machine,
): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, arch, true);
  for (const [at, arg] of args.entries()) data.setBigUint64(16 + 8 * at, arg, true);
  const code = new DataView(program.buffer);
  let held = 0;
  for (let at = 0; ; at++) {
    const value = code.getUint32(8 * at + 4, true);
    const jump = (holds: boolean): void => {
      at += code.getUint8(8 * at + (holds ? 2 : 3));
    };
    switch (code.getUint16(8 * at, true)) {
      case 0x20:
        held = data.getUint32(value, true);
        break;
      case 0x54:
        held = (held & value) >>> 0;
        break;
      case 0x05:
        at += value;
        break;
      case 0x15:
        jump(held === value);
        break;
      case 0x25:
        jump(held > value);
        break;
      case 0x35:
        jump(held >= value);
        break;
      case 0x06:
        return value;
      default:
        throw new Error(`Unknown instruction at ${at}`);
    }
  }
}

function compile(profile: Partial<ContainerSeccompProfile>, bounding?: bigint): Uint8Array {
  return compileSeccomp({ defaultAction: 'ACT_ERRNO', ...profile }, bounding, 'x64');
}

test('names, machines and unknown calls', () => {
  const syscalls = [{ names: ['read', 'mkdir', 'breakpoint'], action: 'ACT_ALLOW' as const }];
  const program = compile({ syscalls });
  expect([0, 83, 1, 82, 84, 9999].map((number) => ask(program, number))).toEqual([
    allow,
    allow,
    refuse,
    refuse,
    refuse,
    refuse,
  ]);
  expect(ask(program, 0, [], 0x40000003)).toBe(kill);
  expect(ask(program, 0x40000000)).toBe(kill);
  expect(() => compile({ syscalls: [{ names: ['nosuch'], action: 'ACT_ALLOW' }] })).toThrow(
    "Unrecognized syscall 'nosuch'",
  );
});

test('rules for capabilities look at the bounding set', () => {
  const admin = { capabilities: ['SYS_ADMIN' as const] };
  const syscalls = [
    { names: ['mount'], action: 'ACT_ALLOW' as const, includes: admin },
    { names: ['clone'], action: 'ACT_ALLOW' as const, excludes: admin },
  ];
  const mount = 165;
  const clone = 56;
  const answers = (bounding: bigint | undefined): number[] =>
    [mount, clone].map((number) => ask(compile({ syscalls }, bounding), number));
  expect(answers(0n)).toEqual([refuse, allow]);
  expect(answers(1n << 21n)).toEqual([allow, refuse]);
  expect(answers(undefined)).toEqual([allow, refuse]);
});

const operators = [
  'CMP_NE',
  'CMP_LT',
  'CMP_LE',
  'CMP_EQ',
  'CMP_GE',
  'CMP_GT',
  'CMP_MASKED_EQ',
] as const;

function holds(op: string, arg: bigint, value: bigint, two: bigint): boolean {
  switch (op) {
    case 'CMP_NE':
      return arg !== value;
    case 'CMP_LT':
      return arg < value;
    case 'CMP_LE':
      return arg <= value;
    case 'CMP_EQ':
      return arg === value;
    case 'CMP_GE':
      return arg >= value;
    case 'CMP_GT':
      return arg > value;
    default:
      return (arg & value) === two;
  }
}

test('arguments compare in all of their 64 bits', () => {
  const number = fc.oneof(
    fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1),
    fc.maxSafeNat(),
  );
  const arg = fc.record({
    index: fc.integer({ min: 0, max: 5 }),
    op: fc.constantFrom(...operators),
    value: number,
    valueTwo: number,
  });
  const rules = fc.array(fc.array(arg, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(rules, fc.array(number, { minLength: 6, maxLength: 6 }), (all, values) => {
      const syscalls = all.map((args) => ({
        names: ['openat'],
        action: 'ACT_ALLOW' as const,
        args,
      }));
      const args = values.map(BigInt);
      const fits = all.some((rule) =>
        rule.every(({ index, op, value, valueTwo }) =>
          holds(op, args[index] ?? 0n, BigInt(value), BigInt(valueTwo)),
        ),
      );
      expect(ask(compile({ syscalls }), 257, args)).toBe(fits ? allow : refuse);
    }),
  );
});

test('any set of calls is told from the others', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 330 }), { maxLength: 330 });
  const names = new Map<number, string>();
  for (const name of [
    'read',
    'write',
    'open',
    'close',
    'stat',
    'mmap',
    'mkdir',
    'mount',
    'openat',
    'clone3',
    'futex',
  ]) {
    names.set(systemCallsOf('x64')?.find(name) ?? 0, name);
  }
  fc.assert(
    fc.property(fc.subarray([...names.keys()]), numbers, (chosen, asked) => {
      const syscalls = [
        { names: chosen.map((each) => names.get(each) ?? ''), action: 'ACT_ALLOW' as const },
      ];
      const program = compile({ syscalls });
      for (const each of asked)
        expect(ask(program, each)).toBe(chosen.includes(each) ? allow : refuse);
    }),
  );
});
