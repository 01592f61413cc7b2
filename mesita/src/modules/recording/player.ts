import {
  createTestContext,
  type Module,
  parseParameters,
  type TestContext,
} from '@mesita/sdk/module';
import { type Call, calls } from '@mesita/sdk/module/calls';
import type { Parameter } from '@mesita/sdk/types';
import { jsonDialect } from '../homes/dialect.ts';
import { oneLine } from '../one-line.ts';
import { type Line, writeArgs, writeResult } from './line.ts';

export interface Difference {
  /** Of the recorded answer, from 1. */
  readonly line: number;
  readonly method: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** Makes the calls of a recording, and compares. */
interface Player {
  play(line: Line, number: number): Promise<void>;
  finish(): { readonly calls: number; readonly equal: number; readonly differences: Difference[] };
}

const MAX_DIFFERENCES = 100;
/** An answer that takes longer is none. */
const ANSWER_MS = 5_000;

interface Asked {
  readonly method: string;
  readonly answer: Promise<object>;
}

interface Said {
  readonly method: string;
  readonly args: unknown;
}

interface Play {
  readonly module: Module;
  readonly parameters: readonly Parameter[] | undefined;
  readonly world: TestContext;
  instance: Readonly<Record<string, unknown>> | undefined;
  start: number | undefined;
  readonly asked: Map<number, Asked>;
  /** What the module tells the daemon, now and as it was recorded. */
  readonly said: Said[];
  readonly heard: (Said & { readonly line: number })[];
  /** Answers of the daemon to calls of the module, in their order. */
  readonly lent: unknown[];
  readonly differences: Difference[];
  calls: number;
  equal: number;
}

export function createPlayer(module: Module, parameters: readonly Parameter[] | undefined): Player {
  const play: Play = {
    ...{ module, parameters, world: createTestContext({ name: module.name }) },
    ...{ instance: undefined, start: undefined, asked: new Map(), said: [], heard: [], lent: [] },
    ...{ differences: [], calls: 0, equal: 0 },
  };
  return {
    async play(line, number) {
      const { context, advance } = play.world;
      play.start ??= line.at;
      advance(Math.max(0, line.at - play.start - context.clock.now()));
      await playLine(play, line, number);
      // What the module does of itself after a call gets its turn.
      await new Promise(setImmediate);
    },
    finish() {
      const { said, heard, calls: made, differences } = play;
      heard.forEach(({ line, ...expected }, index) => {
        compare(play, line, expected.method, expected, said[index] ?? 'nothing');
      });
      for (const own of said.slice(heard.length)) compare(play, 0, own.method, 'nothing', own);
      return { calls: made, equal: play.equal, differences };
    },
  };
}

async function playLine(play: Play, line: Line, number: number): Promise<void> {
  const { by, id, method, args } = line as Readonly<Record<string, unknown>>;
  if (method === 'create') return create(play, number, args as Creation);
  if (!play.instance) throw new Error(`line ${number}: before the module was made`);
  if (by === 'module') {
    if (id === undefined) play.heard.push({ method: method as string, args, line: number });
  } else if (by === 'daemon') play.lent.push('result' in line ? line.result : undefined);
  else if (typeof method === 'string') ask(play, method, args, id as number | undefined);
  else if (typeof id === 'number') await settle(play, number, id, outcomeOf(line));
}

interface Creation {
  readonly kind?: unknown;
  readonly parameters?: readonly Parameter[];
}

async function create(play: Play, line: number, args: Creation): Promise<void> {
  const { module, world } = play;
  if (args.kind !== module.kind) {
    throw new Error(`line ${line}: recorded of kind ${args.kind}, replayed as ${module.kind}`);
  }
  // Where a file was turned over the recording goes on.
  if (play.instance) return;
  const parsed = parseParameters(module.parameters, play.parameters ?? args.parameters ?? []);
  if (!parsed.ok) throw new Error(parsed.error);
  play.instance = (await module.create(world.context as never, parsed.value as never)) as never;
}

function ask(play: Play, method: string, packed: unknown, id: number | undefined): void {
  const { methods } = calls[play.module.kind];
  const call = Object.hasOwn(methods, method) ? methods[method] : undefined;
  // A conversation with a peer is not recorded.
  if (!call || call.lends === 'channel') return;
  play.calls++;
  const answer: Promise<object> = run(play, method, call, packed).then(
    (value) => ({ result: writeResult(call, value) }),
    (error) => ({ error: oneLine(error) }),
  );
  if (id !== undefined) play.asked.set(id, { method, answer });
}

async function run(
  { instance, world, module, said, lent }: Play,
  method: string,
  call: Call,
  packed: unknown,
): Promise<unknown> {
  const own = instance?.[method];
  if (typeof own !== 'function') throw new Error(`the module has no '${method}'`);
  const args = jsonDialect.unpackArgs(call, packed);
  if (call.gives === 'approver') {
    const [subject, action, object] = args;
    return (await own.call(instance, subject, action))(object);
  }
  const { callbacks } = calls[module.kind];
  const callBack = (name: string) => {
    const lend = callbacks[name] as Call;
    return (...values: readonly unknown[]): unknown => {
      if (lend.sort !== 'notification') {
        return Promise.resolve(lent.shift()).then((value) => jsonDialect.unpackResult(lend, value));
      }
      said.push({ method: name, args: writeArgs(lend, values) });
      return undefined;
    };
  };
  if (call.lends === 'usage') args.push(callBack('usage'));
  if (call.lends === 'callbacks') {
    args.push(Object.fromEntries(Object.keys(callbacks).map((name) => [name, callBack(name)])));
  }
  if (call.hasSignal) args.push(world.context.signal);
  return own.apply(instance, args);
}

async function settle(play: Play, line: number, id: number, expected: object): Promise<void> {
  const call = play.asked.get(id);
  if (!call) return;
  play.asked.delete(id);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<object>((resolve) => {
    timer = setTimeout(resolve, ANSWER_MS, { error: 'no answer' });
  });
  compare(play, line, call.method, expected, await Promise.race([call.answer, late]));
  clearTimeout(timer);
}

function compare(play: Play, line: number, method: string, expected: unknown, got: unknown): void {
  const { differences } = play;
  if (canonical(expected) === canonical(got)) play.equal++;
  else if (differences.length < MAX_DIFFERENCES) differences.push({ line, method, expected, got });
}

function outcomeOf(line: Line): object {
  if ('error' in line) return { error: line.error };
  return { result: (line as { readonly result?: unknown }).result ?? null };
}

/** The same text for the same value, whatever the order of its members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
