import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Clock, Logger } from '@mesita/sdk/base';
import {
  type AnyParam,
  defineModule,
  type KindName,
  type Module,
  type Options,
  param,
} from '@mesita/sdk/module';
import { calls, commonCalls, PROTOCOL_VERSION } from '@mesita/sdk/module/calls';
import { within } from '../deadline.ts';
import type { Library } from '../library.ts';
import { oneLine } from '../one-line.ts';
import { jsonDialect as dialect } from './dialect.ts';
import { createBoundedLog } from './lend-context.ts';
import { startLife } from './life.ts';
import { launchProgram } from './program.ts';

const DESCRIBE_MS = 10_000;
const MEMORY_BYTES = 256 << 20;

interface Description {
  readonly protocol: number;
  readonly kind: string;
  readonly name: string;
  readonly description?: string;
  readonly author?: string;
  readonly parameters?: Readonly<Record<string, ParameterDescription>>;
}

interface ParameterDescription extends Options {
  readonly type: keyof typeof makers;
}

const makers = {
  string: param.string,
  int: (options: Options) => param.int(numeric(options)),
  float: (options: Options) => param.float(numeric(options)),
  bool: ({ default: text, ...rest }: Options) =>
    param.bool(text === undefined ? rest : { ...rest, default: text === 'true' }),
  duration: param.duration,
  bytes: param.bytes,
  path: param.path,
  secret: param.secret,
} satisfies Record<string, (options: Options) => AnyParam>;

function numeric({ default: text, ...rest }: Options): Options<number> {
  return text === undefined ? rest : { ...rest, default: Number(text) };
}

/**
 * Asks a program what it is, as a library is looked into: it runs for that moment only. Rejects
 * with one line that names the file.
 */
export async function openProgram(
  name: string,
  path: string,
  context: { readonly clock: Clock; readonly log: Logger },
): Promise<Library> {
  try {
    const [description, hash] = await Promise.all([ask(path, context), hashOf(path)]);
    const module = toModule(description);
    const find = (wanted: string) => (wanted === module.name ? module : undefined);
    return { name, path, hash, moduleNames: [module.name], find };
  } catch (error) {
    throw new Error(
      `Error opening library: '${name}': Could not start program '${path}': ${oneLine(error)}`,
    );
  }
}

async function ask(
  path: string,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<Description> {
  const write = createBoundedLog({ log, clock });
  const call = commonCalls.methods.describe;
  const launch = launchProgram({
    path,
    isSocket: await isSocket(path),
    memoryBytes: MEMORY_BYTES,
    print: (line) => write('info', line),
  });
  const life = startLife(
    { launch, clock, log, serve: () => undefined, hasHeartbeat: false },
    () => {},
  );
  try {
    const answer = life.session.request('describe', dialect.packArgs(call, [PROTOCOL_VERSION]));
    return dialect.unpackResult(call, await within(DESCRIBE_MS, answer)) as Description;
  } finally {
    life.kill('it has said what it is');
  }
}

function toModule({ protocol, kind, name, parameters = {}, ...rest }: Description): Module {
  if (protocol !== PROTOCOL_VERSION) {
    throw new Error(`It speaks version ${protocol} of the protocol; this is ${PROTOCOL_VERSION}`);
  }
  if (!Object.hasOwn(calls, kind)) throw new Error(`Unknown module kind: ${kind}`);
  const { description, author } = rest;
  return defineModule({
    kind: kind as KindName,
    name,
    ...(description !== undefined && { description }),
    ...(author !== undefined && { author }),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, { type, ...options }]) => [key, makers[type](options)]),
    ),
    create() {
      throw new Error(`'${name}' is a program: its home is 'program'`);
    },
  }) as unknown as Module;
}

export async function isSocket(path: string): Promise<boolean> {
  return (await stat(path)).isSocket();
}

async function hashOf(path: string): Promise<string> {
  if (await isSocket(path)) return '';
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
