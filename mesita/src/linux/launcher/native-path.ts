import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const name = 'mesita-launcher';

/** The compiled launcher: in `--launcher_dir`, else where the build of this package put it. */
export function nativeLauncherPath(launcherDir: string | undefined): string | undefined {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const candidates = [
    ...(launcherDir ? [join(launcherDir, name)] : []),
    // Beside the bundle or above its chunks, and from the sources.
    join(here, name),
    join(here, '..', name),
    join(here, '../../../dist', name),
  ];
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
