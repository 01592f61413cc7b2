import type { ContainerSeccompProfile } from '@mesita/sdk/types/containerizer';
import { allCapabilityBits, capabilityBits } from '../capabilities.ts';
import {
  and,
  answer,
  assemble,
  branch,
  type Comparison,
  compare,
  type Instruction,
  load,
} from './bpf.ts';
import { systemCallsOf } from './system-calls.ts';

type Syscall = ContainerSeccompProfile.Syscall;
type Argument = ContainerSeccompProfile.Syscall.Arg;

/** EPERM goes along with a refusal, and with the word to a tracer. */
const actions: Readonly<Record<string, number>> = {
  ACT_KILL: 0x0000_0000,
  ACT_TRAP: 0x0003_0000,
  ACT_ERRNO: 0x0005_0001,
  ACT_TRACE: 0x7ff0_0001,
  ACT_ALLOW: 0x7fff_0000,
};

const offsets = { number: 0, machine: 4, arguments: 16 };
/** Numbers from here on are those of the x32 interface, which has a table of its own. */
const x32 = 0x4000_0000;

interface Rule {
  readonly action: number;
  readonly args: readonly Argument[];
}

/** Everything from `start` up to the next segment is answered alike. */
interface Segment {
  readonly start: number;
  readonly program: readonly Instruction[];
}

/**
 * The filter program of a profile. Rules for capabilities look at the bounding set; undefined is a
 * full one. Calls of another machine's interface end the process, as they do with libseccomp when
 * the profile does not list it. Throws what is wrong with the profile.
 */
export function compileSeccomp(
  profile: ContainerSeccompProfile,
  bounding: bigint | undefined,
  machine: string = process.arch,
): Uint8Array {
  const calls = systemCallsOf(machine);
  if (!calls) throw new Error(`Seccomp is not supported on ${machine}`);
  const otherwise = resolveAction(profile.defaultAction);
  const rules = collectRules(profile, bounding ?? allCapabilityBits, calls.find);
  const kill = [answer(actions.ACT_KILL ?? 0)];
  const search = searchTree(createSegments(rules, otherwise));
  return assemble([
    load(offsets.machine),
    ...branch(
      'equal',
      calls.audit,
      [load(offsets.number), ...branch('atLeast', x32, kill, search)],
      kill,
    ),
  ]);
}

function resolveAction(action: Syscall['action']): number {
  const value = actions[action];
  if (value === undefined) throw new Error(`Unknown action: ${action}`);
  return value;
}

function collectRules(
  profile: ContainerSeccompProfile,
  bounding: bigint,
  find: (name: string) => number | undefined,
): Map<number, Rule[]> {
  const rules = new Map<number, Rule[]>();
  for (const syscall of profile.syscalls ?? []) {
    if (!applies(syscall, bounding)) continue;
    const rule: Rule = { action: resolveAction(syscall.action), args: syscall.args ?? [] };
    for (const name of syscall.names ?? []) {
      const number = find(name);
      if (number === undefined) throw new Error(`Unrecognized syscall '${name}'`);
      if (number >= 0) rules.set(number, [...(rules.get(number) ?? []), rule]);
    }
  }
  return rules;
}

function applies({ includes, excludes }: Syscall, bounding: bigint): boolean {
  const needed = capabilityBits(includes?.capabilities ?? []);
  const unwanted = capabilityBits(excludes?.capabilities ?? []);
  return (bounding & needed) === needed && (bounding & unwanted) === 0n;
}

function createSegments(rules: ReadonlyMap<number, readonly Rule[]>, otherwise: number): Segment[] {
  const rest = [answer(otherwise)];
  const segments: Segment[] = [{ start: 0, program: rest }];
  const push = (segment: Segment): void => {
    const last = segments.at(-1);
    if (last && isSame(last.program, segment.program)) return;
    if (last?.start === segment.start) segments.pop();
    segments.push(segment);
  };
  for (const number of [...rules.keys()].sort((one, other) => one - other)) {
    push({ start: number, program: answerRules(rules.get(number) ?? [], otherwise) });
    if (!rules.has(number + 1)) push({ start: number + 1, program: rest });
  }
  return segments;
}

function isSame(one: readonly Instruction[], other: readonly Instruction[]): boolean {
  // Those with comparisons are never worth merging.
  return one.length === 1 && other.length === 1 && one[0]?.value === other[0]?.value;
}

/** By halves: eight or nine comparisons for whatever call. */
function searchTree(segments: readonly Segment[]): readonly Instruction[] {
  const [first] = segments;
  if (segments.length <= 1) return first?.program ?? [];
  const middle = Math.floor(segments.length / 2);
  const right = segments.slice(middle);
  const start = right[0]?.start ?? 0;
  return branch('atLeast', start, searchTree(right), searchTree(segments.slice(0, middle)));
}

/** The first rule that fits answers. One without arguments fits always. */
function answerRules(rules: readonly Rule[], otherwise: number): Instruction[] {
  const always = rules.find(({ args }) => args.length === 0);
  const last = [answer(always?.action ?? otherwise)];
  const program = [...last];
  for (const { args, action } of rules.filter(({ args }) => args.length > 0).reverse()) {
    program.unshift(...matchAll(args, action));
  }
  return program;
}

/** All arguments fit: answer. One does not: go on behind the answer. */
function matchAll(args: readonly Argument[], action: number): Instruction[] {
  const program = [answer(action)];
  for (const arg of args.toReversed()) program.unshift(...match(arg, program.length));
  return program;
}

type Target = 'next' | 'pass' | 'fail';
type Draft = Instruction | readonly [Comparison, number, Target, Target];

/** Falls through when the argument fits, skips `failing` instructions more when not. */
function match({ index, op, value, valueTwo }: Argument, failing: number): Instruction[] {
  const [high, low] = halves(value);
  const [wantedHigh, wantedLow] = halves(valueTwo);
  const at = offsets.arguments + 8 * index;
  const two = (upper: readonly Draft[], lower: readonly Draft[]): Draft[] => [
    load(at + 4),
    ...upper,
    load(at),
    ...lower,
  ];
  const order = (comparison: Comparison, yes: Target, no: Target): Draft[] =>
    two(
      [
        ['greater', high, yes, 'next'],
        ['equal', high, 'next', no],
      ],
      [[comparison, low, yes, no]],
    );
  const drafts: Readonly<Record<string, () => Draft[]>> = {
    CMP_EQ: () => two([['equal', high, 'next', 'fail']], [['equal', low, 'pass', 'fail']]),
    CMP_NE: () => two([['equal', high, 'next', 'pass']], [['equal', low, 'fail', 'pass']]),
    CMP_GT: () => order('greater', 'pass', 'fail'),
    CMP_GE: () => order('atLeast', 'pass', 'fail'),
    CMP_LT: () => order('atLeast', 'fail', 'pass'),
    CMP_LE: () => order('greater', 'fail', 'pass'),
    CMP_MASKED_EQ: () =>
      two(
        [and(high), ['equal', wantedHigh, 'next', 'fail']],
        [and(low), ['equal', wantedLow, 'pass', 'fail']],
      ),
  };
  const draft = drafts[op]?.();
  if (!draft) throw new Error(`Unknown operator: ${op}`);
  return draft.map((each, place) => {
    if (!isComparison(each)) return each;
    const left = draft.length - place - 1;
    const skip = { next: 0, pass: left, fail: left + failing };
    return compare(each[0], each[1], skip[each[2]], skip[each[3]]);
  });
}

function isComparison(draft: Draft): draft is Exclude<Draft, Instruction> {
  return Array.isArray(draft);
}

function halves(value: number): [number, number] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
}
