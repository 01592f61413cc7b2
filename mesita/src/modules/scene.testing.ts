// What the tests of this room share: a directory for libraries, and a manager that looks there.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTestContext } from '@mesita/sdk/module';
import { createMetrics } from '../net/metrics.ts';
import { createModuleManager, type ModuleManager } from './manager.ts';
import { parseManifest } from './manifest.ts';
import type { ModuleRecorder } from './recording/record.ts';
import { createModulesProcess, type ModulesProcess } from './routes.ts';
import type { Host } from './verify.ts';

export interface ModulesScene {
  readonly root: string;
  readonly manager: ModuleManager;
  readonly http: ModulesProcess;
  readonly metrics: ReturnType<typeof createMetrics>;
  /** Path of the file written. */
  write(name: string, text: string): string;
  /** A manifest as an operator writes it. */
  load(json: unknown): Promise<void>;
  end(): void;
}

export function createModulesScene(
  host: Partial<Host> = {},
  recorder?: Pick<ModuleRecorder, 'record'>,
): ModulesScene {
  const root = mkdtempSync(join(tmpdir(), 'mesita-modules-'));
  const { clock, random, log } = createTestContext().context;
  const { signal } = new AbortController();
  const metrics = createMetrics(clock);
  const http = createModulesProcess('test', () => {});
  const manager = createModuleManager({
    ...{ clock, random, log, signal, metrics, http, host },
    ...(recorder && { recorder }),
    path: [join(root, 'path')],
    workDir: join(root, 'work'),
    runtimeDir: join(root, 'run'),
  });
  return {
    ...{ root, manager, http, metrics },
    write(name, text) {
      const path = join(root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    load: (json) => manager.load(parseManifest(JSON.stringify(json)), root),
    end: () => rmSync(root, { recursive: true, force: true }),
  };
}
