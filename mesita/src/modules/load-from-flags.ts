import { dirname } from 'node:path';
import type { ModuleManager } from './manager.ts';
import type { Manifest } from './manifest.ts';
import { readManifestDirectory } from './manifest-files.ts';

interface ManifestFlags {
  readonly modules: Manifest | undefined;
  readonly modulesDir: string | undefined;
}

/**
 * What `--modules` or `--modules_dir` name. `manifestFile` is where `--modules` lies, when it was
 * given as a file. Rejects with the text to leave with.
 */
export async function loadFromFlags(
  manager: ModuleManager,
  flags: ManifestFlags,
  manifestFile: string | undefined,
): Promise<void> {
  try {
    await load(manager, flags, manifestFile);
  } catch (error) {
    throw new Error(`Error loading modules: ${(error as Error).message}`);
  }
}

async function load(
  manager: ModuleManager,
  { modules, modulesDir }: ManifestFlags,
  manifestFile: string | undefined,
): Promise<void> {
  if (modules) await manager.load(modules, manifestFile && dirname(manifestFile));
  if (modulesDir === undefined) return;
  for (const { path, manifest } of readManifestDirectory(modulesDir)) {
    try {
      await manager.load(manifest, dirname(path));
    } catch (error) {
      throw new Error(`Error loading modules from '${path}': ${(error as Error).message}`);
    }
  }
}
