// What every module has beside its kind's calls when it lives in a home of its own.
import { type Call, type KindCalls, notification, request } from './call.ts';
import {
  boolean,
  bytes,
  json,
  list,
  message,
  nothing,
  number,
  object,
  optional,
  record,
  text,
  words,
} from './shape.ts';

/** Grows when a program written for the one before could misunderstand. */
export const PROTOCOL_VERSION = 1;

const headers = record(optional(text));

const methods = {
  /** First of all: what are you? Asked of programs only. */
  describe: request(
    { protocol: number },
    object({
      protocol: number,
      kind: text,
      name: text,
      description: optional(text),
      author: optional(text),
      parameters: optional(
        record(
          object({
            type: words('string', 'int', 'float', 'bool', 'duration', 'bytes', 'path', 'secret'),
            help: optional(text),
            required: optional(boolean),
            default: optional(text),
          }),
        ),
      ),
    }),
  ),
  /**
   * Once in each life, before everything else of the kind. Its answer says which methods it has;
   * all of the kind's, when it does not.
   */
  create: request(
    {
      instance: text,
      kind: text,
      parameters: list(message('mesos.Parameter')),
      workDir: optional(text),
      runtimeDir: optional(text),
      containers: list(object({ id: message('mesos.ContainerID'), value: json })),
    },
    object({ methods: optional(list(text)), properties: optional(record(json)) }),
    { deadlineMs: 30_000 },
  ),
  /** Asked of modules in a thread or process of Node, to see that they still run. */
  ping: request({}, nothing),
  /** A request to one of the module's own routes. */
  route: request(
    {
      path: text,
      request: object({
        method: text,
        rest: text,
        query: record(text),
        headers,
        principal: optional(text),
        text,
      }),
    },
    object({ status: optional(number), headers: optional(record(text)), body: optional(json) }),
    { deadlineMs: 30_000 },
  ),
  /** Only of modules that name both in `methods`: see `Reloadable`. */
  exportState: request({}, json),
  importState: request({ state: json }, nothing),
  /** The daemon ends, or the module is unloaded. The home is closed a moment later. */
  shutdown: notification({}),
} satisfies Record<string, Call>;

const callbacks = {
  log: notification({
    level: words('debug', 'info', 'warn', 'error'),
    text,
    fields: optional(record(json)),
  }),
  /** A counter under `modules/<instance>/`. */
  count: notification({ name: text, by: optional(number) }),
  gauge: notification({ name: text, value: number }),
  timer: notification({ name: text, durationMs: number }),
  /** Opens `/modules/<instance>/<path>`: see the method `route`. */
  handle: notification({ path: text }),
  /** The value behind the reference of a secret. */
  secret: request({ secret: message('mesos.Secret') }, bytes, { deadlineMs: 15_000 }),
  /** Isolators: keeps a value with a container; answered once it is durable. */
  checkpoint: request({ id: message('mesos.ContainerID'), value: json }, nothing),
} satisfies Record<string, Call>;

export const commonCalls = { methods, callbacks, properties: {} } satisfies KindCalls;
