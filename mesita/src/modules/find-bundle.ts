import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What runs in a thread or process of its own is a bundle beside the daemons'; what runs from the
 * sources, tests for one, takes the built one as well.
 */
export function findBundle(name: 'module-guest' | 'module-transpiler'): string {
  const here = fileURLToPath(import.meta.url);
  const folder = dirname(here);
  if (here.endsWith('.ts')) return join(folder, `../../dist/${name}.js`);
  const bundles = basename(folder) === 'chunks' ? dirname(folder) : folder;
  return join(bundles, `${name}.js`);
}
