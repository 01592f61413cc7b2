import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** What mesita/proto says, as the protobuf compiler understands it. Takes about a second. */
export function buildDescriptors(): FileRegistry {
  const image = execFileSync('npx', ['buf', 'build', '-o', '-#format=binpb'], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
}

/** Lines of a table without its header. */
export function readTable(name: string): string[] {
  const text = readFileSync(join(root, 'mesita/test/wire-facts', name), 'utf8');
  return text.replace(/\n$/, '').split('\n').slice(1);
}
