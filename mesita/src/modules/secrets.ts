import type { SecretResolver } from '@mesita/sdk/module';
import type { ModuleManager } from './manager.ts';

/** Where no module resolves: a secret that is its own value. */
export const valuesOnly: SecretResolver = {
  resolve({ type, value }) {
    if (type === 'REFERENCE') throw new Error('Default secret resolver cannot resolve references');
    if (!value) throw new Error('Secret has no value');
    return value.data;
  },
};

/** By `--secret_resolver`. */
export async function createSecretResolver(
  name: string | undefined,
  manager: Pick<ModuleManager, 'create'>,
): Promise<SecretResolver> {
  if (name === undefined) return valuesOnly;
  try {
    return await manager.create('SecretResolver', name);
  } catch (error) {
    const failed = 'Failed to initialize secret resolver: ';
    throw new Error(`${failed}${failed}${(error as Error).message}`);
  }
}
