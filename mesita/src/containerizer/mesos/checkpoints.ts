import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerID } from '@mesita/sdk/types';
import type { MessageSchema } from '../../wire/descriptor.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import { containersPath, runtimePath } from './paths.ts';

/**
 * The files in containers' runtime directories. They must survive the agent, not the machine
 * (the directory is on tmpfs as a rule), so nothing is forced to disk.
 */
export interface Checkpoints {
  /** Makes the container's directory; fails when it is there already. */
  create(id: ContainerID): Promise<string>;
  write<T>(id: ContainerID, name: string, schema: MessageSchema<T>, message: T): Promise<void>;
  writeText(id: ContainerID, name: string, text: string): Promise<void>;
  /** Undefined when it is missing or not whole. */
  read<T>(id: ContainerID, name: string, schema: MessageSchema<T>): Promise<T | undefined>;
  readText(id: ContainerID, name: string): Promise<string | undefined>;
  remove(id: ContainerID): Promise<void>;
  /** Every container that has a directory, parents before children. */
  list(): Promise<ContainerID[]>;
}

export function createCheckpoints(runtimeDir: string): Checkpoints {
  const pathOf = (id: ContainerID, name: string): string => join(runtimePath(runtimeDir, id), name);

  async function replace(path: string, content: Uint8Array | string): Promise<void> {
    await writeFile(`${path}.tmp`, content, { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  }

  async function listBelow(directory: string, parent?: ContainerID): Promise<ContainerID[]> {
    const ids = (await namesIn(directory)).map((value) => ({ value, ...(parent && { parent }) }));
    const below = await Promise.all(
      ids.map((id) => listBelow(join(directory, id.value, 'containers'), id)),
    );
    return ids.flatMap((id, index) => [id, ...(below[index] ?? [])]);
  }

  return {
    async create(id) {
      const path = runtimePath(runtimeDir, id);
      await mkdir(join(path, '..'), { recursive: true, mode: 0o755 });
      await mkdir(path, { mode: 0o755 });
      return path;
    },
    write: (id, name, schema, message) => replace(pathOf(id, name), frame(encode(schema, message))),
    writeText: (id, name, text) => replace(pathOf(id, name), text),
    async read(id, name, schema) {
      try {
        return decode(schema, unframe(await readFile(pathOf(id, name))));
      } catch {
        return undefined;
      }
    },
    async readText(id, name) {
      try {
        return await readFile(pathOf(id, name), 'utf8');
      } catch {
        return undefined;
      }
    },
    remove: (id) => rm(runtimePath(runtimeDir, id), { recursive: true, force: true }),
    list: () => listBelow(containersPath(runtimeDir)),
  };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** A message behind its length in four bytes, as Mesos writes single records. */
function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(message.length);
  return Buffer.concat([head, message]);
}

function unframe(bytes: Buffer): Uint8Array {
  const size = bytes.length >= 4 ? bytes.readUInt32LE() : -1;
  if (size !== bytes.length - 4) throw new Error('The record is not whole');
  return bytes.subarray(4);
}
