// Runs the files of a library. Node would remember each file for as long as the daemon lives.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, extname, isAbsolute, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';
import { createJiti, type Jiti } from 'jiti';
import { LoadProblem } from './load-problem.ts';
import { sdkModules } from './sdk.ts';
import { type Transpile, transpile } from './transpile.ts';

/** What a library exports, and what it consists of. */
interface Loaded {
  readonly exported: unknown;
  /** SHA-256 of the file, or, when it imports others of its own, of the list of all. In hex. */
  readonly hash: string;
}

interface OwnFile {
  readonly path: string;
  /** Filled while it runs: files may import each other in a circle. */
  readonly module: { exports: unknown };
  readonly done: Promise<unknown>;
}

interface Load {
  readonly transpile: Transpile;
  readonly entry: string;
  readonly files: Map<string, OwnFile>;
  readonly hashes: Map<string, string>;
}

/**
 * Reads and transpiles the file and all files of its own that it imports, anew at each call, so that
 * a later load sees later code. Packages are the loader's, and stay what they are.
 */
export async function loadFiles(entry: string, by: Transpile = transpile): Promise<Loaded> {
  const load: Load = { transpile: by, entry, files: new Map(), hashes: new Map() };
  const exported = await importOwn(load, entry, []);
  return { exported, hash: hashOf(load) };
}

function hashOf({ entry, hashes }: Load): string {
  if (hashes.size === 1) return hashes.get(entry) ?? '';
  const lines = [...hashes].map(([path, hash]) => `${relative(dirname(entry), path)} ${hash}\n`);
  return sha256(lines.sort().join(''));
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** `importers`: the files that wait for this one, which must not be waited for in turn. */
function importOwn(load: Load, path: string, importers: readonly string[]): Promise<unknown> {
  const known = load.files.get(path);
  if (known) return importers.includes(path) ? Promise.resolve(known.module.exports) : known.done;
  const module = { exports: {} as unknown };
  const done = run(load, path, module, [...importers, path]);
  load.files.set(path, { path, module, done });
  return done;
}

async function run(
  load: Load,
  path: string,
  module: OwnFile['module'],
  importers: readonly string[],
): Promise<unknown> {
  const content = await readFile(path);
  load.hashes.set(path, sha256(content));
  const source = content.toString('utf8');
  if (extname(path) === '.json') return parseJson(path, source);
  const jiti = createPackageLoader(path);
  const importFrom = (specifier: string) => importFile(load, jiti, path, specifier, importers);
  await compile(path, await load.transpile({ path, source }))(
    module.exports,
    jiti,
    module,
    path,
    dirname(path),
    importFrom,
    jiti.esmResolve,
  );
  throwProblem(module.exports);
  return module.exports;
}

function parseJson(path: string, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new LoadProblem(`${path}: no JSON: ${(error as Error).message}`);
  }
}

type Run = (...given: readonly unknown[]) => Promise<void>;

/** The names are those that transpiled code uses. */
const GIVEN = 'exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve';

function compile(path: string, code: string): Run {
  return runInThisContext(
    `(async function (${GIVEN}) { ${code}
})`,
    { filename: path },
  ) as Run;
}

/** Resolves names as that file's, and loads packages, which get the daemon's own SDK too. */
function createPackageLoader(path: string): Jiti {
  const virtualModules = { ...sdkModules };
  return createJiti(path, { moduleCache: false, fsCache: false, virtualModules });
}

/** What could not be parsed. */
function throwProblem(exported: unknown): void {
  const problem = Object(exported).__JITI_ERROR__;
  if (problem === undefined) return;
  const { filename, line, column, message } = problem;
  const reason = String(message).trim().replace(/\.$/, '');
  throw new LoadProblem(`${filename}:${line}:${column}: syntax error: ${reason}`);
}

async function importFile(
  load: Load,
  jiti: Jiti,
  from: string,
  specifier: string,
  importers: readonly string[],
): Promise<unknown> {
  if (Object.hasOwn(sdkModules, specifier)) return sdkModules[specifier];
  if (isBuiltin(specifier)) return jiti.import(specifier);
  const parentURL = pathToFileURL(from);
  const found = jiti.esmResolve(specifier, { parentURL, try: true });
  const path = found?.startsWith('file:') ? fileURLToPath(found) : found;
  if (path === undefined) throw new LoadProblem(`${from}: cannot find '${specifier}'`);
  const isOwn =
    isAbsolute(path) &&
    /\.([cm]?[jt]s|json)$/.test(path) &&
    packageOf(path) === packageOf(load.entry);
  return isOwn
    ? importOwn(load, path, importers)
    : jiti.import(isAbsolute(path) ? path : specifier);
}

/** The installed package that the file lies in; empty: none. */
function packageOf(path: string): string {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(path)?.[0] ?? '';
}
