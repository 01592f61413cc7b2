import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import type { Module } from '@mesita/sdk/module';
import { createTestContext } from '@mesita/sdk/module';
import { systemClock, systemRandom } from '../../actor/clock.ts';
import { createModuleManager } from '../../modules/manager.ts';
import { parseManifest } from '../../modules/manifest.ts';
import { createModulesProcess } from '../../modules/routes.ts';
import { createMetrics } from '../../net/metrics.ts';
import { Problem } from '../problem.ts';
import { createTerminal, type Terminal } from '../terminal.ts';
import { openFile } from './open.ts';
import { formatTable } from './table.ts';

/** A manifest is loaded and verified as by a daemon; of a library it is told what it holds. */
export async function validate(file: string): Promise<void> {
  const terminal = createTerminal(process.stdout, process.env);
  if (file.endsWith('.json')) await validateManifest(file, terminal);
  else await validateLibrary(file, terminal);
}

async function validateManifest(file: string, terminal: Terminal): Promise<void> {
  const { log, signal } = createTestContext().context;
  const manager = createModuleManager({
    ...{ clock: systemClock, random: systemRandom, log, signal },
    metrics: createMetrics(systemClock),
    http: createModulesProcess('none', () => {}),
    ...{ path: [], workDir: '', runtimeDir: '' },
  });
  try {
    const manifest = parseManifest(await readFile(file, 'utf8'));
    await manager.load(manifest, dirname(resolve(file)));
  } catch (cause) {
    throw new Problem(`'${file}' does not load`, undefined, { cause });
  }
  const rows = manager.loaded.map(({ name, module, entry, library }) => [
    ...[name, module.kind, entry.home, library.path],
  ]);
  terminal.line(formatTable(['name', 'kind', 'home', 'library'], rows));
}

async function validateLibrary(file: string, terminal: Terminal): Promise<void> {
  const library = await openFile(file);
  if (library.moduleNames.length === 0) throw new Problem(`'${file}' exports no module`);
  for (const name of library.moduleNames) {
    const module = library.find(name);
    if (module && 'create' in module) for (const line of describe(module)) terminal.line(line);
  }
}

function describe({ name, kind, description, parameters }: Module): string[] {
  const about = description === undefined ? '' : `: ${description}`;
  const rows = Object.entries(parameters).map(([key, param]) => {
    const { type, required, default: fallback, help } = param;
    const presence = required
      ? 'required'
      : fallback === undefined
        ? ''
        : `default ${param.format(fallback)}`;
    return [`  ${key}`, type, presence, help];
  });
  const head = `${name} (${kind})${about}`;
  if (rows.length === 0) return [head];
  return [head, ...formatTable(['  parameter', 'type', '', ''], rows).split('\n')];
}
