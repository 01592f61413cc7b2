import { existsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isModule, type Module } from '@mesita/sdk/module';
import { within } from './deadline.ts';
import { LoadProblem } from './load-problem.ts';
import { oneLine } from './one-line.ts';
import { transpilingAside } from './transpile-aside.ts';

/** An opened library. */
export interface Library {
  /** As the manifest names it: for texts. */
  readonly name: string;
  readonly path: string;
  /** Of the file and of all files of its own that it imports: SHA-256 in hex. */
  readonly hash: string;
  /** Names of the modules it exports. */
  readonly moduleNames: readonly string[];
  /** The module of that name, or what is exported under it and is none; undefined: neither. */
  find(name: string): Module | { readonly notAModule: unknown } | undefined;
}

/** Where libraries are looked for. */
interface LibraryPlaces {
  /** Directory of the manifest, when it came from a file. */
  readonly beside: string | undefined;
  /** Directories with a `node_modules` of their own, or called so themselves; the first one wins. */
  readonly path: readonly string[];
}

/** The code of a library runs while it is opened: top-level `await` gets this long. */
const OPEN_MS = 15_000;

/**
 * Opens the file, transpiling it on the way: here and now, or aside, so that a daemon at work is not
 * held up. Rejects with one line that names the file.
 */
export async function openLibrary(name: string, path: string, isAside = false): Promise<Library> {
  try {
    // The compiler is big: a daemon without modules does without.
    const { loadFiles } = await import('./loader.ts');
    const loading = isAside
      ? transpilingAside((transpile) => loadFiles(path, transpile))
      : loadFiles(path);
    const { exported, hash } = await within(OPEN_MS, loading);
    return { name, path, hash, ...index(exported) };
  } catch (error) {
    throw new Error(
      `Error opening library: '${name}': Could not load library '${name}': ${explain(error, path)}`,
    );
  }
}

/** Modules stand under any export: the default one, named ones, or a list as default. */
function index(exported: unknown): Pick<Library, 'moduleNames' | 'find'> {
  const named = new Map(Object.entries(Object(exported) as Record<string, unknown>));
  // CommonJS exports one thing, whatever it is.
  const main = isModule(exported) ? exported : named.get('default');
  const values = [
    main,
    ...named.values(),
    ...(Array.isArray(main) ? main : Object.values(Object(main))),
  ];
  const modules = new Map<string, Module>();
  for (const value of values) if (isModule(value)) modules.set(value.name, value);
  return {
    moduleNames: [...modules.keys()],
    find(name) {
      const module = modules.get(name);
      if (module) return module;
      return named.has(name) ? { notAModule: named.get(name) } : undefined;
    },
  };
}

/** The file of a library given as `file`: as it is, beside the manifest, or in the module path. */
export function resolveFile(
  file: string,
  { beside, path }: LibraryPlaces,
  maySocket = false,
): string {
  if (isAbsolute(file)) return requireFile(file, file, maySocket);
  const places = [beside ?? process.cwd(), process.cwd()];
  if (basename(file) === file) places.push(...path);
  const found = places.map((place) => resolve(place, file)).find((one) => existsSync(one));
  return requireFile(file, found ?? resolve(places[0] as string, file), maySocket);
}

/** A program may be a socket on which it listens. */
function requireFile(name: string, path: string, maySocket: boolean): string {
  const isNative = /\.(so(\.\d+)*|dylib|dll)$/.test(path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!isNative && (found?.isFile() || (maySocket && found?.isSocket()))) return path;
  const problem = !existsSync(path)
    ? 'No such file or directory'
    : isNative
      ? 'written for the C++ Mesos; Mesita loads .js, .mjs and .ts files and packages'
      : 'not a file';
  throw new Error(
    `Error opening library: '${name}': Could not load library '${name}': ${path}: ` +
      `cannot open shared object file: ${problem}`,
  );
}

/** The entry of an installed package. */
export async function resolvePackage(name: string, { path }: LibraryPlaces): Promise<string> {
  const own = fileURLToPath(new URL('.', import.meta.url));
  if (/^(@[\w.-]+\/)?[\w-][\w.-]*$/.test(name)) {
    const { createJiti } = await import('jiti');
    for (const directory of [...path, own]) {
      const root = basename(directory) === 'node_modules' ? dirname(directory) : directory;
      const parent = pathToFileURL(join(resolve(root), 'manifest.json'));
      const found = createJiti(parent.href).esmResolve(name, { parentURL: parent, try: true });
      if (found?.startsWith('file:')) return fileURLToPath(found);
    }
  }
  throw new Error(
    `Error opening library: '${name}': Could not load library '${name}': ` +
      `no package of that name is installed in ${path.join(', ') || own} or with Mesita`,
  );
}

function explain(error: unknown, path: string): string {
  const text = oneLine(error);
  if (error instanceof LoadProblem) return text;
  const frame = /\(?((?:file:\/\/)?\/[^\s()]+\.[mc]?[jt]s:\d+:\d+)\)?/.exec(stackOf(error))?.[1];
  const place = frame === undefined || frame.includes('/jiti/') ? path : frame;
  return text.includes(path) ? text : `${place.replace(/^file:\/\//, '')}: ${text}`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}
