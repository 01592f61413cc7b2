// Bundles the four commands, and what modules of a home of their own start as, into mesita/dist;
// compiles the launcher where a C compiler exists.
// One file a command starts four times faster than a tree of small modules.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const commands = JSON.parse(readFileSync('mesita/package.json', 'utf8')).bin;
/** Output → source. Modules in a thread or process of their own start as `module-guest`; a thread transpiles. */
const entries = {
  ...Object.fromEntries(Object.keys(commands).map((name) => [name, `mesita/src/bin/${name}.ts`])),
  'module-guest': 'mesita/src/modules/homes/guest-main.ts',
  'module-transpiler': 'mesita/src/modules/transpiler-main.ts',
};
const started = Date.now();

if (process.argv.includes('--if-stale') && !isStale()) process.exit(0);

// Chunks of earlier builds: daemons that run from them may still want some, a package does not.
if (process.argv.includes('--clean'))
  rmSync('mesita/dist/chunks', { recursive: true, force: true });

await build({
  entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
  outdir: 'mesita/dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['mesita-source'],
  // Native code finds its prebuilt binary beside its own files, and jiti its compiler.
  external: ['classic-level', 'jiti'],
  sourcemap: 'linked',
  define: { MESITA_BUILT_AT: String(Math.floor(started / 1000)) },
  chunkNames: 'chunks/[name]-[hash]',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

if (existsSync('mesita/native/build.mjs')) {
  const { buildLauncher } = await import('../mesita/native/build.mjs');
  await buildLauncher();
}
process.stderr.write(`mesita: built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);

/** Newer source than output: a walk of a few hundred stats, a few milliseconds. */
function isStale() {
  const outputs = Object.keys(entries).map((name) => join('mesita/dist', `${name}.js`));
  if (!outputs.every((f) => existsSync(f))) return true;
  const built = Math.min(...outputs.map((f) => statSync(f).mtimeMs));
  return ['sdk/src', 'mesita/src', 'mesita/native', 'tools/build.mjs'].some(
    (path) => existsSync(path) && newest(path) > built,
  );
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
