import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Resource } from '../types/mesos.ts';
import { isPersistentVolume } from './disk.ts';
import { resourcesFromJson } from './json.ts';
import { isDynamicallyReserved, toPostRefinement } from './reservations.ts';
import { UNRESERVED_ROLE } from './roles.ts';
import { parseValue } from './values.ts';

/** A JSON array of messages, or `name(role):value` pairs separated by `;`. Not validated. */
export function parseResources(text: string, defaultRole = UNRESERVED_ROLE): Result<Resource[]> {
  const json = parseArray(text);
  return json === undefined ? parsePairs(text, defaultRole) : resourcesFromJson(json, defaultRole);
}

function parseArray(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function parsePairs(text: string, defaultRole: string): Result<Resource[]> {
  const resources: Resource[] = [];
  for (const token of tokens(text, ';')) {
    const [left, value, extra] = tokens(token, ':');
    if (left === undefined || value === undefined || extra !== undefined) {
      return err(`Bad value for resources, missing or extra ':' in ${token}`);
    }
    const open = left.indexOf('(');
    const close = left.indexOf(')');
    const isRoleGiven = open >= 0;
    if (isRoleGiven ? close < open : false)
      return err(`Bad value for resources, mismatched parentheses in ${token}`);
    const name = (isRoleGiven ? left.slice(0, open) : left).trim();
    const role = isRoleGiven ? left.slice(open + 1, close).trim() : defaultRole;
    const resource = parseResource(name, value, role);
    if (!resource.ok) return resource;
    resources.push(resource.value);
  }
  return ok(resources);
}

function tokens(text: string, separator: string): string[] {
  return text.split(separator).filter((token) => token !== '');
}

export function parseResource(
  name: string,
  text: string,
  role = UNRESERVED_ROLE,
): Result<Resource> {
  const parsed = parseValue(text);
  if (!parsed.ok)
    return err(`Failed to parse resource ${name} value ${text} error ${parsed.error}`);
  const { type, scalar, ranges, set } = parsed.value;
  if (type === 'TEXT') return err(`Bad type for resource ${name} value ${text} type TEXT`);
  return ok({
    name,
    type,
    ...(scalar && { scalar }),
    ...(ranges && { ranges }),
    ...(set && { set }),
    ...(role !== UNRESERVED_ROLE && { reservations: [{ type: 'STATIC', role }] }),
  });
}

/** What a flag may not say: only a running cluster makes volumes, revocable resources and reservations. */
export function validateConfigured(resources: readonly Resource[]): string | undefined {
  for (const resource of resources.map(toPostRefinement)) {
    if (isPersistentVolume(resource))
      return 'Persistent volumes cannot be specified at the command line';
    if (resource.revocable !== undefined) {
      return "Revocable resources cannot be specified at the command line; do not include a 'revocable' key in the resources JSON";
    }
    if (isDynamicallyReserved(resource)) {
      return 'Dynamic reservations cannot be specified at the command line; do not include a reservation with DYNAMIC type in the resources JSON';
    }
  }
  return undefined;
}
