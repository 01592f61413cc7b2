import { resolve } from 'node:path';
import type { KindName, Module } from '@mesita/sdk/module';
import { createTestContext } from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { systemClock } from '../../actor/clock.ts';
import { openProgram } from '../../modules/homes/open-program.ts';
import { type Library, openLibrary } from '../../modules/library.ts';
import type { Home } from '../../modules/manifest.ts';
import { Problem } from '../problem.ts';

export interface ModuleOptions {
  readonly name?: string;
  /** `key=value`. */
  readonly param: readonly string[];
  readonly home?: string;
}

/** One module of a file, as the command line names it. */
export interface OpenedModule {
  readonly module: Module;
  readonly kind: KindName;
  readonly library: Library;
  readonly home: Home;
  readonly parameters: readonly Parameter[];
}

/** A library of Mesita's own kind by its ending; anything else is a program. */
export function isLibrary(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

export async function openFile(file: string): Promise<Library> {
  const path = resolve(file);
  const { log } = createTestContext().context;
  return isLibrary(path)
    ? openLibrary(file, path)
    : openProgram(file, path, { clock: systemClock, log });
}

/** Throws a Problem when there is no such module. */
export async function openModule(file: string, options: ModuleOptions): Promise<OpenedModule> {
  const library = await openFile(file);
  const { moduleNames } = library;
  const name = options.name ?? moduleNames[0];
  if (options.name === undefined && moduleNames.length > 1) {
    throw new Problem(`'${file}' has several modules`, `Give --name: ${moduleNames.join(', ')}.`);
  }
  const module = name === undefined ? undefined : library.find(name);
  if (!module || !('create' in module)) {
    const known =
      moduleNames.length === 0 ? 'It exports none.' : `It has ${moduleNames.join(', ')}.`;
    throw new Problem(`'${file}' has no module '${name ?? ''}'`, known);
  }
  const home = options.home ?? (isLibrary(file) ? 'daemon' : 'program');
  return {
    ...{ module, library, home: home as Home },
    kind: module.kind,
    parameters: options.param.map(parsePair),
  };
}

export function parsePair(text: string): Parameter {
  const at = text.indexOf('=');
  if (at < 1) throw new Problem(`'${text}' is no parameter`, 'Give --param <key>=<value>.');
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}
