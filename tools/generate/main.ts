// Writes the message types of the SDK and the codec tables of the wire from mesita/proto, and the
// pages of docs/configuration from the daemons' flags, and those of docs/api from the SDK's types.
// `npm run generate` runs it; `npm run check` runs it again and fails on a difference.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { flagPages } from '../docs/flags.ts';
import { moduleSchemas } from '../docs/module-schemas.ts';
import { apiPages } from '../docs/sdk-api.ts';
import { type Output, outputs } from './outputs.ts';
import { renderSchema } from './schema.ts';
import { renderTypes } from './types.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

function readDescriptors() {
  const image = execFileSync('npx', ['buf', 'build', '-o', '-#format=binpb'], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
}

const stale: string[] = [];

function write(path: string, text: string): void {
  const current = existsSync(join(root, path)) && readFileSync(join(root, path), 'utf8');
  if (current === text) return;
  stale.push(path);
  if (process.argv.includes('--check')) return;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const registry = readDescriptors();
for (const output of outputs) {
  const files = output.files.map((path) => {
    const file = registry.getFile(path);
    if (!file) throw new Error(`mesita/proto/${path}: no such schema file`);
    return file;
  });
  write(`${typesFolder(output)}/${output.name}.ts`, renderTypes(output, files));
  write(`mesita/src/wire/schema/${output.name}.ts`, renderSchema(output, files));
}
for (const [path, text] of [...flagPages(), ...moduleSchemas(), ...apiPages()]) write(path, text);

if (process.argv.includes('--check') && stale.length > 0) {
  process.stderr.write(`${stale.join(', ')}: is not what its source says; run npm run generate\n`);
  process.exit(1);
}

function typesFolder(output: Output): string {
  return output.room === 'sdk' ? 'sdk/src/types' : 'mesita/src/wire/types';
}
