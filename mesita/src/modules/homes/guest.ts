// What runs in a worker thread or a process of its own: the module's side of its home.
import type { Module } from '@mesita/sdk/module';
import { parseParameters } from '@mesita/sdk/module';
import { type Call, calls, commonCalls, type KindCalls } from '@mesita/sdk/module/calls';
import type { Parameter } from '@mesita/sdk/types';
import { openLibrary } from '../library.ts';
import { createRemoteChannel, type RemoteChannel } from './channels.ts';
import { liveCodecs } from './codecs.ts';
import type { Dialect } from './dialect.ts';
import { createGuestContext, type GuestContext } from './guest-context.ts';
import { given } from './readers.ts';
import { createSession, type Frame, type Session } from './session.ts';

/** Where the module is found. */
export interface GuestLibrary {
  readonly name: string;
  readonly path: string;
  readonly module: string;
}

/** What `create` says beside the parameters. */
export interface Creation {
  readonly instance: string;
  readonly parameters: readonly Parameter[];
  readonly workDir: string | undefined;
  readonly runtimeDir: string | undefined;
  readonly containers: readonly {
    readonly id: { readonly value: string };
    readonly value: unknown;
  }[];
}

type Method = (...args: readonly unknown[]) => unknown;
type Instance = Readonly<Record<string, unknown>>;

interface Guest {
  readonly dialect: Dialect;
  readonly kind: KindCalls;
  readonly instance: Instance;
  readonly context: GuestContext;
  readonly channels: Map<number, RemoteChannel>;
  candidacy?: { readonly lost: Promise<void> };
}

interface GuestOptions {
  readonly library: GuestLibrary;
  readonly dialect: Dialect;
  readonly send: (frame: Frame) => void;
  /** Called when the daemon says so. */
  readonly end: () => void;
}

/** Serves one module over one port. */
export function serveGuest({ library, dialect, send, end }: GuestOptions): Session {
  let guest: Guest | undefined;

  const common: Readonly<Record<string, (args: unknown, signal: AbortSignal) => unknown>> = {
    ping: () => undefined,
    async create(args) {
      guest = await create(library, dialect, session, args);
      return dialect.packResult(commonCalls.methods.create, describe(guest));
    },
    route: (args, signal) => untilAborted(guest?.context.serveRoute(args, signal), signal),
    shutdown() {
      guest?.context.shutDown();
      // What the module still has to write gets a moment.
      setTimeout(end, 100);
    },
  };

  const session: Session = createSession({
    send,
    nonsense: () => undefined,
    serve(method, args, signal) {
      if (Object.hasOwn(common, method)) return common[method]?.(args, signal);
      if (!guest) throw new Error(`'${method}' was called before 'create'`);
      return untilAborted(serveCall(guest, session, method, args, signal), signal);
    },
  });
  return session;
}

async function create(
  library: GuestLibrary,
  dialect: Dialect,
  session: Session,
  packed: unknown,
): Promise<Guest> {
  const [instance, , parameters, workDir, runtimeDir, containers] = dialect.unpackArgs(
    commonCalls.methods.create,
    packed,
  );
  const creation = { instance, parameters, workDir, runtimeDir, containers } as Creation;
  const opened = await openLibrary(library.name, library.path);
  const module = opened.find(library.module) as Module;
  const parsed = parseParameters(module.parameters, creation.parameters);
  if (!parsed.ok) throw new Error(parsed.error);
  const context = createGuestContext(session, dialect, creation);
  const made = await module.create(context.context as never, parsed.value as never);
  if (typeof made !== 'object' || made === null) throw new Error('create() made no instance');
  return {
    dialect,
    kind: calls[module.kind],
    instance: made as unknown as Instance,
    context,
    channels: new Map(),
  };
}

function describe({ kind, instance }: Guest): unknown {
  const properties = Object.keys(kind.properties).map((name) => [name, instance[name]]);
  return {
    methods: [...Object.keys(kind.methods), 'exportState', 'importState'].filter(
      (name) => typeof instance[name] === 'function',
    ),
    properties: Object.fromEntries(properties.filter(([, value]) => value !== undefined)),
  };
}

function serveCall(
  guest: Guest,
  session: Session,
  method: string,
  packed: unknown,
  signal: AbortSignal,
): unknown {
  const { dialect, kind, instance, channels, context } = guest;
  const call = findCall(kind, method);
  if (!call) throw new Error(`Unknown method '${method}'`);
  const args = dialect.unpackArgs(call, packed);
  if (method === 'message') return channels.get(args[0] as number)?.receive(args[1] as Uint8Array);
  if (method === 'end') return channels.get(args[0] as number)?.end();
  if (method === 'lost') return guest.candidacy?.lost;
  const run = instance[method] as Method | undefined;
  if (typeof run !== 'function') throw new Error(`The module has no '${method}'`);
  if (call.gives === 'approver') return approve(instance, run, args);
  if (method === 'cleanup') context.forget(args[0] as { value: string });
  const answer = run.apply(instance, lend(guest, session, call, args, signal));
  if (call.gives === 'candidacy') return keepCandidacy(guest, answer);
  if (call.sort === 'notification') return answer;
  return Promise.resolve(answer).then((value) =>
    // Checked here too: what is of another shape could become something good on its way.
    dialect.packResult(call, liveCodecs(call.result).read(value)),
  );
}

function findCall({ methods }: KindCalls, method: string): Call | undefined {
  if (method === 'exportState' || method === 'importState') return commonCalls.methods[method];
  return Object.hasOwn(methods, method) ? methods[method] : undefined;
}

/** Puts what is no data where the module expects it. */
function lend(
  { dialect, kind, channels }: Guest,
  session: Session,
  call: Call,
  args: unknown[],
  signal: AbortSignal,
): unknown[] {
  const callBack =
    (name: string) =>
    (...values: readonly unknown[]) => {
      const lent = kind.callbacks[name] as Call;
      const packed = dialect.packArgs(lent, values);
      if (lent.sort === 'notification') return session.notify(name, packed);
      return session.request(name, packed).then((result) => dialect.unpackResult(lent, result));
    };
  if (call.lends === 'callbacks') {
    args.push(
      Object.fromEntries(Object.keys(kind.callbacks).map((name) => [name, callBack(name)])),
    );
  }
  if (call.lends === 'usage') args.push(callBack('usage'));
  if (call.lends === 'channel') {
    const number = args.at(-1) as number;
    const send = callBack('send');
    const channel = createRemoteChannel((message) => void send(number, message));
    channels.set(number, channel);
    signal.addEventListener('abort', () => channels.delete(number));
    args[args.length - 1] = channel;
  }
  if (call.hasSignal) args.push(signal);
  return args;
}

async function approve(instance: Instance, run: Method, args: unknown[]): Promise<boolean> {
  const [subject, action, object] = args;
  const answer = given.approver(await run.call(instance, subject, action));
  return (answer as (object: unknown) => boolean)(object);
}

async function keepCandidacy(guest: Guest, answer: unknown): Promise<undefined> {
  const candidacy = given.candidacy(await answer) as NonNullable<Guest['candidacy']>;
  candidacy.lost.catch(() => undefined);
  guest.candidacy = candidacy;
}

/** A cancelled call is answered at once: so the daemon sees that this side still runs. */
function untilAborted(answer: unknown, signal: AbortSignal): unknown {
  if (!(answer instanceof Promise)) return answer;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('cancelled')));
    answer.then(resolve, reject);
  });
}
