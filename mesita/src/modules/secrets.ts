import type { SecretGenerator, SecretResolver } from '@mesita/sdk/module';
import { createBuiltin } from './catalog.ts';
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

/** By `--secret_generator`; without it, the built-in one where there is a key. */
export async function createSecretGenerator(
  name: string | undefined,
  key: string | undefined,
  manager: Pick<ModuleManager, 'create' | 'contextOf'>,
): Promise<SecretGenerator | undefined> {
  if (name === undefined) {
    if (key === undefined) return undefined;
    return createBuiltin('SecretGenerator', 'jwt', manager.contextOf, { secret_key: key });
  }
  try {
    return await manager.create('SecretGenerator', name);
  } catch (error) {
    throw new Error(`Failed to initialize secret generator: ${(error as Error).message}`);
  }
}
