import type { KindName } from '@mesita/sdk/module';
import { type Call, calls, commonCalls, snakeCase } from '@mesita/sdk/module/calls';
import type { Parameter } from '@mesita/sdk/types';
import { within } from '../deadline.ts';
import type { Dialect } from './dialect.ts';
import type { Target } from './guard.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { type HomeContext, lendContext } from './lend-context.ts';
import type { Launch } from './life.ts';
import type { Memory } from './memory.ts';
import type { Session } from './session.ts';
import { createStub } from './stub.ts';

interface RemoteOptions {
  readonly kind: KindName;
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly dialect: Dialect;
  readonly launch: Launch;
  readonly hasHeartbeat: boolean;
  readonly context: HomeContext;
  /** Of what each life after the first must be told again. */
  readonly memory: Memory;
  /** The first life must have begun by then. */
  readonly createMs: number;
}

interface Remote {
  readonly target: Target;
  readonly keeper: Keeper;
}

/** A module that lives outside of the daemon's memory. Rejects when its first life does not begin. */
export async function createRemote(options: RemoteOptions): Promise<Remote> {
  const { kind, dialect, context, memory } = options;
  let methods: ReadonlySet<string> = new Set();
  let hasBegun = false;
  let properties: Readonly<Record<string, unknown>> = {};

  const lent = lendContext(context, dialect, {
    request: (method, args) => keeper.request(method, args),
    abandon: (answer, mustAnswer) => keeper.abandon(answer, mustAnswer),
  });
  const keeper: Keeper = createKeeper({
    launch: options.launch,
    hasHeartbeat: options.hasHeartbeat,
    clock: context.clock,
    log: context.log,
    serve(method, args) {
      const served = lent.serve(method, args);
      return served ? served.answer : stub.serve(method, args);
    },
    async begin(session) {
      const made = await create(session, options);
      methods = new Set(made.methods ?? Object.keys(calls[kind].methods));
      properties = readProperties(kind, made.properties);
      if (hasBegun) await replay(session, kind, dialect, memory, methods);
      hasBegun = true;
    },
  });
  const stub = createStub({ kind, dialect, keeper, clock: context.clock });
  try {
    await within(options.createMs, keeper.started);
  } catch (error) {
    await keeper.stop();
    throw error;
  }
  const own = [...Object.keys(calls[kind].methods), ...handover].filter(
    (method) => methods.has(method) && !internal.has(method),
  );
  return {
    keeper,
    target: {
      ...{ methods: new Set(own), properties, isRemote: true },
      ...{ call: stub.call, abandon: stub.abandon },
    },
  };
}

/** Messages of the protocol that no instance has as methods. */
export const internal: ReadonlySet<string> = new Set(['lost', 'message', 'end']);

/** Of a version to the next one: see `Reloadable` of the SDK. */
const handover = ['exportState', 'importState'] as const;

interface Made {
  readonly methods?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

async function create(session: Session, options: RemoteOptions): Promise<Made> {
  const { kind, name, parameters, dialect, context } = options;
  const { workDir, runtimeDir, containers } = context;
  const args = [name, kind, parameters, workDir, runtimeDir, containers?.all() ?? []];
  const call = commonCalls.methods.create;
  const answer = await session.request('create', dialect.packArgs(call, args));
  try {
    return dialect.unpackResult(call, answer) as Made;
  } catch (error) {
    throw new Error(`create answered nonsense: ${(error as Error).message}`);
  }
}

function readProperties(
  kind: KindName,
  given: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const entries = Object.keys(calls[kind].properties).map((name) => {
    return [name, given[snakeCase(name)] ?? given[name]] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

async function replay(
  session: Session,
  kind: KindName,
  dialect: Dialect,
  memory: Memory,
  methods: ReadonlySet<string>,
): Promise<void> {
  for (const [method, args] of memory.replay()) {
    if (!methods.has(method)) continue;
    const call = calls[kind].methods[method] as Call;
    const packed = dialect.packArgs(call, args);
    if (call.sort === 'notification') session.notify(method, packed);
    else await session.request(method, packed);
  }
}
