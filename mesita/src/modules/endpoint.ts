import type { HttpHandler, HttpRequest, HttpResponse } from '../net/http.ts';
import { failure } from '../net/responses.ts';
import { inspectModule, listModules } from './describe.ts';
import type { Shop } from './manager.ts';
import { parseManifest } from './manifest.ts';
import { oneLine } from './one-line.ts';
import type { ModuleOperations } from './operations.ts';

const MAX_BODY_BYTES = 1 << 20;

/** May whoever asks do this? A rejection is a 500. */
type Authorized = (
  request: HttpRequest,
  action: 'GET_ENDPOINT_WITH_PATH',
  object: { readonly value: string },
) => Promise<boolean>;

/**
 * `/modules` itself: what is loaded, and what is done to it. Each is asked about as an endpoint:
 * `/modules`, `/modules/reload`…
 */
export function createModulesEndpoint(
  shop: Shop,
  operations: ModuleOperations,
  authorized: Authorized,
): HttpHandler {
  const mayNot = async (request: HttpRequest, path: string): Promise<boolean> =>
    !(await authorized(request, 'GET_ENDPOINT_WITH_PATH', { value: path }));
  let turn: Promise<unknown> = Promise.resolve();
  /** One operation after the other. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = turn.then(act);
    turn = next.catch(() => undefined);
    return next;
  };
  return async (request) => {
    if (request.method === 'GET') {
      return (await mayNot(request, '/modules')) ? failure(403) : answerGet(shop, request);
    }
    if (request.method !== 'POST') {
      return {
        ...failure(405, `Expecting one of { 'GET', 'POST' }, but received '${request.method}'.`),
        headers: { Allow: 'GET, POST' },
      };
    }
    const body = await request.body();
    let order: Order;
    try {
      order = readOrder(body);
    } catch (error) {
      return failure(400, oneLine(error));
    }
    if (await mayNot(request, endpoints[order.action])) return failure(403);
    const refusal = refuseStranger(order, request);
    if (refusal) return refusal;
    try {
      return json(await inTurn(() => perform(operations, order)));
    } catch (error) {
      return failure(400, oneLine(error));
    }
  };
}

/** What was named at the start is the operator's choice; another file is run for nobody unknown. */
function refuseStranger({ action }: Order, { principal }: HttpRequest): HttpResponse | undefined {
  if (action !== 'load' || principal !== undefined) return undefined;
  return failure(403, 'Modules are loaded for those who are authenticated only');
}

function answerGet(shop: Shop, { query }: HttpRequest): HttpResponse {
  const name = query.get('name');
  if (name === undefined) return json({ modules: listModules(shop) });
  const found = inspectModule(shop, name);
  return found ? json(found) : failure(404, `Module '${name}' unknown`);
}

function json(value: unknown): HttpResponse {
  const headers = { 'Content-Type': 'application/json' };
  return { status: 200, headers, body: JSON.stringify(value) };
}

type Fields = Readonly<Record<string, unknown>>;

const endpoints = {
  reload: '/modules/reload',
  load: '/modules/load',
  unload: '/modules/unload',
  shadow: '/modules/shadow',
  unshadow: '/modules/shadow',
} as const;

interface Order {
  readonly action: keyof typeof endpoints;
  readonly fields: Fields;
}

function readOrder(body: Uint8Array): Order {
  if (body.length > MAX_BODY_BYTES) throw new Error('The body is too large');
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    throw new Error(`The body is no JSON: ${(error as Error).message}`);
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new Error('Expecting a JSON object');
  }
  const action = textOf(fields as Fields, 'action');
  if (!Object.hasOwn(endpoints, action))
    throw new Error(`Unknown action '${action.slice(0, 100)}'`);
  return { action: action as Order['action'], fields: fields as Fields };
}

function textOf(fields: Fields, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value !== 'string' || value === '') throw new Error(`Expecting a string '${name}'`);
  return value;
}

async function perform(operations: ModuleOperations, { action, fields }: Order): Promise<object> {
  switch (action) {
    case 'reload': {
      const name = textOf(fields, 'name');
      return { name, reloaded: await operations.reload(name, fields.force === true) };
    }
    case 'unload': {
      const name = textOf(fields, 'name');
      await operations.unload(name);
      return { name, unloaded: true };
    }
    case 'shadow': {
      const name = textOf(fields, 'name');
      await operations.shadow(name, textOf(fields, 'of'));
      return { name, shadow: true };
    }
    case 'unshadow': {
      const name = textOf(fields, 'name');
      await operations.unshadow(name);
      return { name, shadow: false };
    }
    case 'load': {
      if (typeof fields.manifest !== 'object') throw new Error("Expecting an object 'manifest'");
      await operations.load(parseManifest(JSON.stringify(fields.manifest)));
      return { loaded: true };
    }
  }
}
