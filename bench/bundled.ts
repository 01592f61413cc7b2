import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * A module of the benchmarks with all it imports, bundled as the product is: translated file by
 * file, as tests are, the same code takes up to twice as long.
 */
export async function bundle(module: URL): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(module)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['mesita-source'],
    write: false,
    // Some packages are CommonJS.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outputFiles[0]!.contents;
}

/** Runs it here. */
export async function importBundled<T>(module: URL): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'mesita-bench-'));
  try {
    const file = join(folder, 'bundle.mjs');
    await writeFile(file, await bundle(module));
    return (await import(pathToFileURL(file).href)) as T;
  } finally {
    await rm(folder, { recursive: true });
  }
}
