/** `0xAAAABBBB`: the primary part is the operator's, the secondary one the container's. */
interface Handles {
  take(): number;
  /** One that a container had before the agent's restart. */
  keep(handle: number): void;
  free(handle: number): void;
}

/** Undefined when no primary handle is given: then groups have no class. Throws Mesos' texts. */
export function createHandles(
  primaryText: string | undefined,
  secondaryText: string | undefined,
): Handles | undefined {
  if (primaryText === undefined) return undefined;
  const primary = parseUint16(primaryText);
  if (primary === undefined) {
    throw new Error(
      `Failed to parse the primary handle '${primaryText}' set in flag --cgroups_net_cls_primary_handle`,
    );
  }
  const [lower, upper] = secondaryText === undefined ? [1, 0xffff] : parseRange(secondaryText);
  const used = new Set<number>();
  return {
    take() {
      for (let secondary = lower; secondary <= upper; secondary++) {
        const handle = primary * 0x10000 + secondary;
        if (used.has(handle)) continue;
        used.add(handle);
        return handle;
      }
      throw new Error(
        `Failed to allocate a net_cls handle: No free handles remaining for primary handle 0x${primary.toString(16)}`,
      );
    },
    keep: (handle) => void used.add(handle),
    free: (handle) => void used.delete(handle),
  };
}

function parseRange(text: string): [number, number] {
  const flag = `'${text}' set in flag --cgroups_net_cls_secondary_handles`;
  const words = text.split(',').filter(Boolean);
  if (words.length !== 2) throw new Error(`Failed to parse the range of secondary handles ${flag}`);
  const bounds = words.map(parseUint16);
  const [lower, upper] = bounds;
  for (const [name, bound] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    if (bound === undefined) {
      throw new Error(`Failed to parse the ${name} bound of range of secondary handles ${flag}`);
    }
  }
  if (lower === 0) throw new Error('The secondary handle has to be a non-zero value.');
  if ((lower ?? 1) > (upper ?? 0)) {
    throw new Error(
      `Secondary handle range specified '${text}', in flag --cgroups_net_cls_secondary_handles, is an empty set`,
    );
  }
  return [lower ?? 1, upper ?? 0];
}

function parseUint16(text: string): number | undefined {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text.trim())) return undefined;
  const value = Number(text);
  return value <= 0xffff ? value : undefined;
}
