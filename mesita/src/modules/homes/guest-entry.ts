import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The bundle that runs on the module's side. It lies beside the daemons' bundles; what runs from
 * the sources, tests for one, takes the built one as well.
 */
export function findGuestEntry(): string {
  const here = fileURLToPath(import.meta.url);
  const folder = dirname(here);
  if (here.endsWith('.ts')) return join(folder, '../../../dist/module-guest.js');
  const bundles = basename(folder) === 'chunks' ? dirname(folder) : folder;
  return join(bundles, 'module-guest.js');
}
