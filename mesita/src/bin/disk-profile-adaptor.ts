// The module that knows what the disk profiles of frameworks mean.
import type { DiskProfileAdaptor } from '@mesita/sdk/module';
import type { ModuleManager } from '../modules/manager.ts';

/** Without a module every profile is refused. Rejects with the text to leave with. */
export async function createDiskProfileAdaptor(
  name: string | undefined,
  manager: Pick<ModuleManager, 'create'>,
): Promise<DiskProfileAdaptor> {
  if (name === undefined) return noProfiles;
  try {
    return await manager.create('DiskProfileAdaptor', name);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new Error(
      `Failed to create disk profile adaptor: Failed to initialize disk profile adaptor module: ${reason}`,
      { cause },
    );
  }
}

const noProfiles: DiskProfileAdaptor = {
  translate: (profile) => Promise.reject(new Error(`Profile '${profile}' not found`)),
  watch: () => new Promise(() => {}),
};
