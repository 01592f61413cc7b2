import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isModule, type Module } from '@mesita/sdk/module';
import type { Jiti } from 'jiti';
import { within } from './deadline.ts';
import { oneLine } from './one-line.ts';
import { sdkModules } from './sdk.ts';

/** An opened library. */
export interface Library {
  /** As the manifest names it: for texts. */
  readonly name: string;
  readonly path: string;
  /** SHA-256 of the file, in hex. */
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

/** Opens the file, transpiling it on the way. Rejects with one line that names the file. */
export async function openLibrary(name: string, path: string): Promise<Library> {
  try {
    const [{ createJiti }, content] = await Promise.all([import('jiti'), readFile(path)]);
    const exported = await within(OPEN_MS, load(createJiti, path));
    return { name, path, hash: hash(content), ...index(exported) };
  } catch (error) {
    throw new Error(
      `Error opening library: '${name}': Could not load library '${name}': ${explain(error, path)}`,
    );
  }
}

type CreateJiti = (
  parent: string,
  options: Parameters<typeof import('jiti').createJiti>[1],
) => Jiti;

function load(createJiti: CreateJiti, path: string): Promise<unknown> {
  // Without caches a later load sees later code, and what it replaces can be collected.
  const jiti = createJiti(path, {
    moduleCache: false,
    fsCache: false,
    virtualModules: { ...sdkModules },
  });
  return jiti.import(path);
}

function hash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Modules stand under any export: the default one, named ones, or a list as default. */
function index(exported: unknown): Pick<Library, 'moduleNames' | 'find'> {
  const named = new Map(Object.entries(Object(exported) as Record<string, unknown>));
  const main = named.get('default');
  const values = [...named.values(), ...(Array.isArray(main) ? main : Object.values(Object(main)))];
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
  // `ParseError: Unexpected token /modules/a.ts:2:9`
  const syntax = /^ParseError: (.*?)\s+(\S+:\d+:\d+)$/.exec(text);
  if (syntax) return `${syntax[2]}: syntax error: ${syntax[1]?.replace(/\.$/, '')}`;
  const frame = /\(?((?:file:\/\/)?\/[^\s()]+\.[mc]?[jt]s:\d+:\d+)\)?/.exec(stackOf(error))?.[1];
  const place = frame === undefined || frame.includes('/jiti/') ? path : frame;
  return text.includes(path) ? text : `${place.replace(/^file:\/\//, '')}: ${text}`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}
