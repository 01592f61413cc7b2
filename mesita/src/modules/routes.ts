import type { ModuleRequest, ModuleResponse, ModuleRoutes } from '@mesita/sdk/module';
import type { HttpHandler, HttpProcess, HttpRequest, HttpResponse, Realm } from '../net/http.ts';
import { failure } from '../net/responses.ts';
import { oneLine } from './one-line.ts';

type Handler = Parameters<ModuleRoutes['handle']>[1];

/** The process `modules`: what instances serve under `/modules/<instance>/…`. */
export interface ModulesProcess {
  readonly process: HttpProcess;
  routesOf(instance: string): ModuleRoutes;
  /** Answers `/modules` itself; until then nothing does. */
  answerRoot(handler: HttpHandler): void;
}

export function createModulesProcess(
  realm: Realm,
  onError: (instance: string, error: unknown) => void,
): ModulesProcess {
  const instances = new Map<string, Map<string, Handler>>();
  let root: HttpHandler | undefined;

  async function handler(request: HttpRequest): Promise<HttpResponse> {
    const parts = (request.rest ?? '').split('/').map(decode);
    const [instance = '', ...path] = parts;
    if (instance === '' && root) return root(request);
    const found = longest(instances.get(instance), path);
    if (!found) return failure(404, '');
    try {
      return toHttp(await found.handler(toModuleRequest(request, found.rest)));
    } catch (error) {
      onError(instance, error);
      return failure(500, `Module '${instance}' failed: ${oneLine(error)}`);
    }
  }

  const route = { path: '/', realm, isCatchAll: true, help: HELP, handler };
  return {
    process: { id: 'modules', routes: [route] },
    answerRoot(own) {
      root = own;
    },
    routesOf(instance) {
      const routes = new Map<string, Handler>();
      return {
        handle(path, own) {
          routes.set(path.split('/').filter(Boolean).join('/'), own);
          instances.set(instance, routes);
        },
      };
    },
  };
}

const HELP =
  'GET: the modules in use, or one of them with ?name=. POST: {"action": "reload", "name": …}. ' +
  'Below: what modules serve';

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function longest(routes: ReadonlyMap<string, Handler> | undefined, path: readonly string[]) {
  for (let length = path.length; length >= 0; length--) {
    const handler = routes?.get(path.slice(0, length).join('/'));
    if (handler) return { handler, rest: path.slice(length).join('/') };
  }
  return undefined;
}

/** Who guards the instance has one that ends with the deadline. */
const never = new AbortController().signal;

function toModuleRequest(request: HttpRequest, rest: string): ModuleRequest {
  const { method, query, headers, principal } = request;
  const text = async () => Buffer.from(await request.body()).toString('utf8');
  return { method, rest, query, headers, principal, text, signal: never };
}

function toHttp({ status = 200, headers = {}, body }: ModuleResponse): HttpResponse {
  if (body === undefined) return { status, headers };
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    status,
    headers: { 'Content-Type': type, ...headers },
    body: isText ? body : JSON.stringify(body),
  };
}
