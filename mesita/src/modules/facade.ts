import type { KindName } from '@mesita/sdk/module';
import { type Call, calls } from '@mesita/sdk/module/calls';
import { internal } from './homes/remote.ts';

type Method = (...args: readonly unknown[]) => unknown;
export type Instance = Readonly<Record<string, unknown>>;

/** What stands behind a facade at the moment. */
export interface Behind {
  readonly instance: Instance;
  /** Aborted when another instance takes its place. */
  readonly replaced: AbortSignal;
  /** Keeps calls, in their order, until it opens; immediate ones are made at once. */
  readonly gate?: ((act: () => void) => void) | undefined;
  /** Hears what was waited for, whenever the wait began. */
  readonly answered?: ((method: string, value: unknown) => void) | undefined;
  /** Makes the call in place of the instance's own method, when somebody listens. */
  readonly tap?: ((method: string, call: Call, args: readonly unknown[]) => unknown) | undefined;
}

/**
 * An instance that stays the same for whoever holds it, while what stands behind it changes between
 * its calls. A method is there when the present instance has it.
 */
export function createFacade(kind: KindName, behind: () => Behind): Instance {
  const facade = {};
  for (const [method, call] of Object.entries(calls[kind].methods)) {
    if (internal.has(method)) continue;
    const invoke =
      call.sort === 'wait' ? waiting(behind, method, call) : calling(behind, method, call);
    const get = () => (typeof behind().instance[method] === 'function' ? invoke : undefined);
    Object.defineProperty(facade, method, { get, enumerable: true });
  }
  for (const name of Object.keys(calls[kind].properties)) {
    Object.defineProperty(facade, name, { get: () => behind().instance[name], enumerable: true });
  }
  return facade;
}

function run({ instance, tap }: Behind, method: string, call: Call, args: readonly unknown[]) {
  return tap ? tap(method, call, args) : (instance[method] as Method)(...args);
}

function calling(behind: () => Behind, method: string, call: Call): Method {
  return (...args) => {
    const now = behind();
    if (now.gate === undefined || call.isImmediate) return run(now, method, call, args);
    const later = passGate(now.gate, () => run(behind(), method, call, args));
    return call.sort === 'notification' ? undefined : later;
  };
}

function passGate(gate: (act: () => void) => void, act: () => unknown): Promise<unknown> {
  return new Promise((resolve, reject) =>
    gate(() => {
      try {
        resolve(act());
      } catch (error) {
        reject(error);
      }
    }),
  );
}

/** Who waits at an instance that is replaced waits at the next one. */
function waiting(behind: () => Behind, method: string, call: Call): Method {
  const count = Object.keys(call.args).length;
  return async (...args) => {
    const signal = call.hasSignal ? (args[count] as AbortSignal | undefined) : undefined;
    for (;;) {
      const { gate } = behind();
      if (gate) await passGate(gate, () => undefined);
      const now = behind();
      const outcome = await untilReplaced(now, signal, (own) =>
        run(now, method, call, call.hasSignal ? [...args.slice(0, count), own] : args),
      );
      if (outcome === undefined) continue;
      behind().answered?.(method, outcome.value);
      return outcome.value;
    }
  };
}

/** Undefined: it was replaced before it answered. */
async function untilReplaced(
  { replaced }: Behind,
  signal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => unknown,
): Promise<{ readonly value: unknown } | undefined> {
  const own = new AbortController();
  const stop = () => own.abort(signal?.reason);
  let leave = (): void => {};
  const left = new Promise<undefined>((resolve) => {
    leave = () => {
      resolve(undefined);
      own.abort();
    };
  });
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  replaced.addEventListener('abort', leave);
  try {
    if (replaced.aborted) return undefined;
    const answer = (async () => ({ value: await ask(own.signal) }))();
    return await Promise.race([answer, left]);
  } finally {
    signal?.removeEventListener('abort', stop);
    replaced.removeEventListener('abort', leave);
  }
}
