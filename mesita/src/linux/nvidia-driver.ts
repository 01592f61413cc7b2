import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeviceNumbers, readDevice } from './device-nodes.ts';

export interface Gpu extends DeviceNumbers {
  /** The node, as this machine has it. */
  readonly path: string;
}

/** What NVIDIA's kernel module tells of itself and its devices. */
interface NvidiaDriver {
  readonly version: string;
  /** In the order of their places on the bus, which is that of NVML's indices. */
  readonly gpus: readonly Gpu[];
}

/** Undefined where the module is not loaded. `root` is another one in tests. */
export function readNvidiaDriver(root = '/'): NvidiaDriver | undefined {
  const base = join(root, 'proc/driver/nvidia');
  const version = / (\d+\.\d+(?:\.\d+)?)\s/.exec(readText(join(base, 'version')))?.[1];
  if (version === undefined) return undefined;
  const places = namesIn(join(base, 'gpus')).sort();
  return {
    version,
    gpus: places.map((place) => {
      const text = readText(join(base, 'gpus', place, 'information'));
      const minor = /^Device Minor:\s*(\d+)/m.exec(text)?.[1];
      if (minor === undefined) throw new Error(`The GPU at '${place}' has no device minor number`);
      const path = join(root, `dev/nvidia${minor}`);
      return { path, ...readDevice(path) };
    }),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
