// What an answer is made of: each member's path with its type, values and lengths left out.
import { isObject } from './normalise.ts';

/** `get_tasks.tasks[].state: string`. Ids in members' names count as one. */
export function outline(value: unknown): ReadonlySet<string> {
  const lines = new Set<string>();
  add(value, '', lines);
  return lines;
}

function add(value: unknown, path: string, lines: Set<string>): void {
  if (Array.isArray(value)) {
    for (const element of value) add(element, `${path}[]`, lines);
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value))
      add(member, `${path}.${plain(name)}`, lines);
  } else lines.add(`${path}: ${value === null ? 'null' : typeof value}`);
}

function plain(name: string): string {
  return name
    .replace(/^master\/frameworks\/[^/]+\/[^/]+\//, 'master/frameworks/*/*/')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-S\d+|-\d{4})?/g, '*')
    .replace(/^\/.*\/(agent|slaves|work)\/.*$/, '/*')
    .replace(/^(\/frameworks\/\*\/executors\/)[^/]+/, '$1*');
}
