// A reference names a file of one directory: where a secrets' operator mounts them. With a key, the
// file is JSON and the key one of its members.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { defineModule, param } from '@mesita/sdk/module';
import type { Secret } from '@mesita/sdk/types';

const MAX_BYTES = 1 << 20;

export default defineModule({
  kind: 'SecretResolver',
  name: 'org_example_FileSecrets',
  description: 'Secrets from the files of a directory',
  parameters: { directory: param.path({ required: true, help: 'A file for each secret.' }) },
  create: ({ metrics }, { directory }) => {
    const resolved = metrics.counter('resolved');
    return {
      async resolve({ type, value, reference }: Secret): Promise<Uint8Array> {
        if (type === 'VALUE' && value) return value.data;
        const { name = '', key } = reference ?? {};
        // Neither upwards nor elsewhere.
        if (!/^[\w-][\w.-]*$/.test(name)) throw new Error(`'${name}' is no name of a secret`);
        const bytes = await readBounded(join(directory, name));
        resolved.increment();
        return key === undefined ? bytes : memberOf(bytes, name, key);
      },
    };
  },
});

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new Error(`'${path}' is larger than ${MAX_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function memberOf(bytes: Uint8Array, name: string, key: string): Uint8Array {
  const members: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const value =
    typeof members === 'object' && members !== null && Object.hasOwn(members, key)
      ? (members as Readonly<Record<string, unknown>>)[key]
      : undefined;
  if (typeof value !== 'string') throw new Error(`The secret '${name}' has no '${key}'`);
  return new TextEncoder().encode(value);
}
