import type { HttpHandler, HttpRequest, HttpResponse } from '../net/http.ts';
import { failure } from '../net/responses.ts';
import { inspectModule, listModules } from './describe.ts';
import type { Shop } from './manager.ts';
import { parseManifest } from './manifest.ts';
import { oneLine } from './one-line.ts';
import type { ModuleOperations } from './operations.ts';

const MAX_BODY_BYTES = 1 << 20;

/** `/modules` itself: what is loaded, and what is done to it. */
export function createModulesEndpoint(shop: Shop, operations: ModuleOperations): HttpHandler {
  let turn: Promise<unknown> = Promise.resolve();
  /** One operation after the other. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = turn.then(act);
    turn = next.catch(() => undefined);
    return next;
  };
  return async (request) => {
    if (request.method === 'GET') return answerGet(shop, request);
    if (request.method !== 'POST') {
      return {
        ...failure(405, `Expecting one of { 'GET', 'POST' }, but received '${request.method}'.`),
        headers: { Allow: 'GET, POST' },
      };
    }
    const body = await request.body();
    try {
      const order = readOrder(body);
      const refusal = refuseStranger(order, request);
      return refusal ?? json(await inTurn(() => perform(operations, order)));
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

interface Order {
  readonly action: string;
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
  return { action: textOf(fields as Fields, 'action'), fields: fields as Fields };
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
    default:
      throw new Error(`Unknown action '${action.slice(0, 100)}'`);
  }
}
