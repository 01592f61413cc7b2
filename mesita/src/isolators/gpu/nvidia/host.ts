import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readDevice } from '../../../linux/device-nodes.ts';

const run = promisify(execFile);

/** Nodes without which no program can use any GPU. Throws when one is missing. */
export async function findControls(root: string) {
  const uvm = join(root, 'dev/nvidia-uvm');
  if (!existsSync(uvm)) {
    await run('nvidia-modprobe', ['-u', '-c', '0']).catch((cause: Error) => {
      throw new Error(`Failed to load '/dev/nvidia-uvm': ${cause.message}`, { cause });
    });
  }
  const needed = ['nvidiactl', 'nvidia-uvm'].map((name) => {
    try {
      return readDevice(join(root, 'dev', name));
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Failed to obtain device ID for '/dev/${name}': ${text}`, { cause });
    }
  });
  const tools = join(root, 'dev/nvidia-uvm-tools');
  return existsSync(tools) ? [...needed, readDevice(tools)] : needed;
}

/** All of the driver's: which of them a container can open its devices group says. */
export function findNodes(root: string) {
  const names = readdirSync(join(root, 'dev'), { withFileTypes: true });
  return names
    .filter((entry) => entry.name.startsWith('nvidia') && entry.isCharacterDevice())
    .map(({ name }) => ({ name, path: join(root, 'dev', name) }));
}
