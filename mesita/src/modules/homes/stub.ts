import type { Clock } from '@mesita/sdk/base';
import type { KindName } from '@mesita/sdk/module';
import { type Call, calls, commonCalls } from '@mesita/sdk/module/calls';
import { createChannels } from './channels.ts';
import type { Dialect } from './dialect.ts';
import { CallFailure, nonsense } from './failure.ts';
import type { Target } from './guard.ts';
import type { Keeper } from './keeper.ts';

const LAST_ANSWER_MS = 10_000;

interface StubOptions {
  readonly kind: KindName;
  readonly dialect: Dialect;
  readonly keeper: Pick<Keeper, 'request' | 'notify' | 'abandon'>;
  readonly clock: Clock;
}

interface Stub {
  readonly call: Target['call'];
  abandon(answer: PromiseLike<unknown>): void;
  /** A call of the module to the daemon that concerns its kind. */
  serve(method: string, args: unknown): unknown;
}

type Lent = (...args: readonly unknown[]) => unknown;

/** The daemon's side of a module that lives elsewhere: calls become messages, answers values. */
export function createStub({ kind, dialect, keeper, clock }: StubOptions): Stub {
  const { callbacks } = calls[kind];
  const methods: Readonly<Record<string, Call>> = {
    ...calls[kind].methods,
    ...commonCalls.methods,
  };
  const pack = (method: string, args: readonly unknown[]) =>
    dialect.packArgs(methods[method] as Call, args);
  const channels = createChannels((method, args) => keeper.notify(method, pack(method, args)));
  /** What crosses, by what the caller got: to be given up by it. */
  const crossing = new WeakMap<PromiseLike<unknown>, PromiseLike<unknown>>();
  /** What the daemon lent, by the names the module calls. */
  let lent: Readonly<Record<string, Lent>> = {};

  function request(method: string, args: readonly unknown[], signal?: AbortSignal) {
    const call = methods[method] as Call;
    const answer = keeper.request(method, pack(method, args));
    const result = answer.then((packed) => readResult(dialect, call, packed));
    crossing.set(result, answer);
    if (signal) {
      const stop = () => keeper.abandon(answer, false);
      const settled = () => signal.removeEventListener('abort', stop);
      signal.addEventListener('abort', stop);
      answer.then(settled, settled);
    }
    return result;
  }

  const give = (answer: PromiseLike<unknown>) =>
    keeper.abandon(crossing.get(answer) ?? answer, true);
  const metrics = createLastAnswer(() => {
    const answer = request('metrics', []);
    // Nobody waits for it, so nobody else sees that a module is silent for good.
    const timer = clock.setTimer(LAST_ANSWER_MS, () => give(answer));
    const settled = () => timer.cancel();
    answer.then(settled, settled);
    return answer;
  });
  const special: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
    contend: () => request('contend', []).then(() => ({ lost: untilLost(request('lost', [])) })),
    metrics,
  };

  return {
    call(method, args) {
      const call = methods[method] as Call;
      if (call.lends === 'callbacks') lent = bindAll(args.at(-1), Object.keys(callbacks));
      if (call.lends === 'usage') lent = { usage: args.at(-1) as Lent };
      if (special[method]) return special[method](args);
      if (call.sort === 'notification') return keeper.notify(method, pack(method, args));
      const signal = call.hasSignal ? (args.at(-1) as AbortSignal | undefined) : undefined;
      if (call.lends !== 'channel') return request(method, args, signal);
      const at = Object.keys(call.args).indexOf('channel');
      return channels.lend(args[at], (number) => request(method, args.with(at, number), signal));
    },
    abandon: give,
    serve(method, args) {
      const call = Object.hasOwn(callbacks, method) ? callbacks[method] : undefined;
      if (!call) throw new Error(`A module of kind ${kind} may not call '${method}'`);
      const values = dialect.unpackArgs(call, args);
      if (method === 'send') return channels.hear(values[0] as number, values[1] as Uint8Array);
      const answer = lent[method]?.(...values);
      if (call.sort === 'notification') return undefined;
      return Promise.resolve(answer).then((value) => dialect.packResult(call, value));
    },
  };
}

function readResult(dialect: Dialect, call: Call, packed: unknown): unknown {
  try {
    return dialect.unpackResult(call, packed);
  } catch (error) {
    throw nonsense(error as Error);
  }
}

function bindAll(lender: unknown, names: readonly string[]): Readonly<Record<string, Lent>> {
  const functions = lender as Readonly<Record<string, Lent>>;
  return Object.fromEntries(
    names.map((name) => [name, (...args: readonly unknown[]) => functions[name]?.(...args)]),
  );
}

/** A candidacy is lost with the home of its contender: whatever held it is gone. */
function untilLost(lost: Promise<unknown>): Promise<void> {
  const ended = lost.then(
    () => undefined,
    (error) => {
      if (!(error instanceof CallFailure) || error.reason !== 'lost') throw error;
    },
  );
  ended.catch(() => undefined);
  return ended;
}

/** For what must be answered at once: the answer to the question before. */
function createLastAnswer(ask: () => Promise<unknown>): () => unknown {
  let last: unknown = new Map();
  let isAsking = false;
  return () => {
    if (isAsking) return last;
    isAsking = true;
    ask().then(
      (answer) => {
        last = answer;
        isAsking = false;
      },
      () => {
        isAsking = false;
      },
    );
    return last;
  };
}
