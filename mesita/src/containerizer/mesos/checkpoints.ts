import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerID } from '@mesita/sdk/types';
import type { MessageSchema } from '../../wire/descriptor.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import { containersPath, runtimePath } from './paths.ts';

/**
 * The files in containers' runtime directories. They must survive the agent, not the machine (the
 * directory is on tmpfs as a rule), so nothing is forced to disk. They are small and few: written at
 * once they take some ten microseconds each, through the thread pool twenty times that.
 */
export interface Checkpoints {
  /** Makes the container's directory; throws when it is there already. */
  create(id: ContainerID): string;
  /** The container's directory, or a file in it. */
  has(id: ContainerID, name?: string): boolean;
  write<T>(id: ContainerID, name: string, schema: MessageSchema<T>, message: T): void;
  writeText(id: ContainerID, name: string, text: string): void;
  /** Undefined when it is missing or not whole. */
  read<T>(id: ContainerID, name: string, schema: MessageSchema<T>): T | undefined;
  readText(id: ContainerID, name: string): string | undefined;
  remove(id: ContainerID): Promise<void>;
  /** Every container that has a directory, parents before children. */
  list(): ContainerID[];
}

export function createCheckpoints(runtimeDir: string): Checkpoints {
  const pathOf = (id: ContainerID, name: string): string => join(runtimePath(runtimeDir, id), name);

  function listBelow(directory: string, parent?: ContainerID): ContainerID[] {
    return namesIn(directory).flatMap((value) => {
      const id: ContainerID = { value, ...(parent && { parent }) };
      return [id, ...listBelow(join(directory, value, 'containers'), id)];
    });
  }

  return {
    create(id) {
      const path = runtimePath(runtimeDir, id);
      mkdirSync(join(path, '..'), { recursive: true, mode: 0o755 });
      mkdirSync(path, { mode: 0o755 });
      return path;
    },
    has: (id, name = '') => existsSync(pathOf(id, name)),
    write: (id, name, schema, message) =>
      replaceFile(pathOf(id, name), frame(encode(schema, message))),
    writeText: (id, name, text) => replaceFile(pathOf(id, name), text),
    read(id, name, schema) {
      try {
        return decode(schema, unframe(readFileSync(pathOf(id, name))));
      } catch {
        return undefined;
      }
    },
    readText(id, name) {
      try {
        return readFileSync(pathOf(id, name), 'utf8');
      } catch {
        return undefined;
      }
    },
    remove: (id) => rm(runtimePath(runtimeDir, id), { recursive: true, force: true }),
    list: () => listBelow(containersPath(runtimeDir)),
  };
}

/** A reader finds the old content or the new, never a part. */
export function replaceFile(path: string, content: Uint8Array | string): void {
  writeFileSync(`${path}.tmp`, content, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

function namesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
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
