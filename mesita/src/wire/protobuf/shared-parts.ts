// Small parts that come again and again are one object: ids, scalars, roles, labels, resources.
import type { Plan } from './plan.ts';

/*
 * A cluster's messages say the same things: a task names its agent, its framework and its role, of
 * which there are few, and asks for as much as its siblings. What was read lately is found by its
 * bytes; nothing is made for it, and a master's books hold it once. What is shared is frozen.
 */

/** Longer ones are rarely the same twice. */
export const maxSharedLength = 96;
const SLOTS = 8192;
/** Ids of tasks come twice or three times, in one message, and then not for long. */
const SIGHTINGS = 3;

interface SharedPart {
  readonly plan: Plan;
  readonly bytes: Uint8Array;
  readonly part: object;
}

/** The last one of each slot that came often enough. */
const parts: (SharedPart | undefined)[] = new Array(SLOTS).fill(undefined);
const newest = new Int32Array(SLOTS);
const sightings = new Uint8Array(SLOTS);

/** Undefined: too long to be shared. */
export function hashPart(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > maxSharedLength) return undefined;
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash;
}

export function findPart(
  hash: number,
  plan: Plan,
  bytes: Uint8Array,
  start: number,
  end: number,
): object | undefined {
  const shared = parts[slotOf(hash)];
  if (shared?.plan !== plan || shared.bytes.length !== end - start) return undefined;
  for (let i = start; i < end; i++) if (shared.bytes[i - start] !== bytes[i]) return undefined;
  return shared.part;
}

export function sharePart(
  hash: number,
  plan: Plan,
  bytes: Uint8Array,
  start: number,
  end: number,
  part: object,
): void {
  const slot = slotOf(hash);
  if (newest[slot] !== hash) {
    newest[slot] = hash;
    sightings[slot] = 1;
    return;
  }
  sightings[slot] = (sightings[slot] as number) + 1;
  if ((sightings[slot] as number) < SIGHTINGS) return;
  sightings[slot] = 0;
  if (freeze(part)) parts[slot] = { plan, bytes: bytes.slice(start, end), part };
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (SLOTS - 1);
}

/** False when it holds bytes, which cannot be frozen, or a map. */
function freeze(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return true;
  if (value instanceof Uint8Array || Object.getPrototypeOf(value) === null) return false;
  if (!Object.values(value).every(freeze)) return false;
  Object.freeze(value);
  return true;
}

/** To be added to: parts in it stay shared until they are added to themselves. */
export function unshare<Part extends object>(part: Part): Part {
  if (!Object.isFrozen(part)) return part;
  const fields = Object.entries(part).map(([property, value]) => [
    property,
    Array.isArray(value) ? [...value] : value,
  ]);
  return Object.fromEntries(fields);
}
