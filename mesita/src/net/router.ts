import type { HttpProcess, Route } from './http.ts';
import { decodeComponent } from './target.ts';

interface RouteMatch {
  readonly process: HttpProcess;
  readonly route: Route;
  /** What follows the route's path, without slashes at its ends. */
  readonly rest: string;
  /** `/master/state`: process and route, whatever alias the request used. */
  readonly endpoint: string;
}

export interface Router {
  readonly processes: ReadonlyMap<string, HttpProcess>;
  add(process: HttpProcess): void;
  remove(id: string): void;
  /** The process that the first part of `path` names. Aliases count, the delegate does not. */
  findProcess(path: string): { process: HttpProcess; rest: string } | undefined;
  match(path: string): RouteMatch | undefined;
}

// Names that Mesos dropped in 1.8 and that four well-known tools still ask for.
const jsonAliases = new Set([
  'state',
  'slaves',
  'frameworks',
  'tasks',
  'roles',
  'state-summary',
  'browse',
  'read',
  'download',
  'debug',
  'snapshot',
]);

/**
 * Routes by the longest registered prefix. A path whose first part names no process belongs to
 * `delegate`.
 */
export function createRouter(delegate: string | undefined): Router {
  const processes = new Map<string, HttpProcess>();
  const tables = new Map<string, ReadonlyMap<string, Route>>();

  function named(id: string): HttpProcess | undefined {
    // `/slave/…`, from before an agent's process carried a number.
    return processes.get(id) ?? (id === 'slave' ? processes.get('slave(1)') : undefined);
  }

  function findProcess(path: string) {
    const [first = '', ...rest] = split(path);
    const process = named(decodeComponent(first.replaceAll('+', '%2B')) ?? first);
    return process && { process, rest: rest.join('/') };
  }

  function match(path: string): RouteMatch | undefined {
    if (path.includes('/..')) return undefined;
    const direct = findProcess(path);
    const process = direct?.process ?? (delegate === undefined ? undefined : named(delegate));
    if (!process) return undefined;
    const parts = direct ? split(direct.rest) : split(path);
    return longest(process, parts) ?? longest(process, withoutJsonSuffix(parts));
  }

  function longest(process: HttpProcess, parts: readonly string[]): RouteMatch | undefined {
    const table = tables.get(process.id);
    for (let length = parts.length; length >= 0; length--) {
      const route = table?.get(parts.slice(0, length).join('/'));
      if (!route) continue;
      // A root route serves the bare process name alone, unless it says otherwise.
      if (length === 0 && parts.length > 0 && !route.isCatchAll) return undefined;
      const rest = parts.slice(length).join('/');
      return { process, route, rest, endpoint: endpointOf(process, route) };
    }
    return undefined;
  }

  return {
    processes,
    findProcess,
    match,
    add(process) {
      if (processes.has(process.id)) throw new Error(`process '${process.id}' exists already`);
      processes.set(process.id, process);
      tables.set(process.id, new Map(process.routes.map((route) => [normal(route.path), route])));
    },
    remove(id) {
      processes.delete(id);
      tables.delete(id);
    },
  };
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function normal(path: string): string {
  return split(path).join('/');
}

function endpointOf(process: HttpProcess, route: Route): string {
  const path = normal(route.path);
  return path === '' ? `/${process.id}` : `/${process.id}/${path}`;
}

function withoutJsonSuffix(parts: readonly string[]): readonly string[] {
  const last = parts.at(-1)?.replace(/\.json$/, '');
  return last !== undefined && jsonAliases.has(last) ? [...parts.slice(0, -1), last] : parts;
}
