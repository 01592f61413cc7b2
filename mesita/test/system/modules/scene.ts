// What the tests of this room share: modules that misbehave on demand, and a context in memory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext, type KindName, type Module } from '@mesita/sdk/module';
import { createInHome, type HomeSpec, type Housed } from '../../../src/modules/homes/home.ts';
import type { HomeContext } from '../../../src/modules/homes/lend-context.ts';
import { openProgram } from '../../../src/modules/homes/open-program.ts';
import { openLibrary } from '../../../src/modules/library.ts';
import type { Home } from '../../../src/modules/manifest.ts';

interface HomesScene {
  readonly lines: readonly string[];
  readonly counters: ReadonlyMap<string, number>;
  /** The module under the name `test` of the library with this text. */
  house<K extends KindName>(
    kind: K,
    home: Home,
    text: string,
    more?: Partial<HomeSpec<K>> & { readonly moduleName?: string },
  ): Promise<Housed<K>>;
  end(): Promise<void>;
}

/** Its clock is the machine's: threads and processes know no other. */
export function createHomesScene(): HomesScene {
  const root = mkdtempSync(join(tmpdir(), 'mesita-homes-'));
  const { context: base, lines, counters } = createTestContext({ workDir: root, runtimeDir: root });
  const context: HomeContext = { ...base, clock: machineClock };
  const housed: Housed[] = [];
  let files = 0;
  return {
    lines,
    counters,
    async house(kind, home, text, { moduleName = 'test', ...more } = {}) {
      const path = join(root, `library-${++files}.${home === 'program' ? 'py' : 'mjs'}`);
      writeFileSync(path, text, { mode: 0o755 });
      const library =
        home === 'program' ? await openProgram(path, path, context) : await openLibrary(path, path);
      const spec = {
        ...{ kind, home, library, name: 'test', parameters: [], limits: {} },
        module: library.find(moduleName) as Module,
        ...more,
      };
      const made = await createInHome(spec, context);
      housed.push(made as Housed);
      return made;
    },
    async end() {
      await Promise.all(housed.map((one) => one.stop()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const machineClock = {
  now: () => Date.now(),
  setTimer(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
    return { cancel: () => clearTimeout(timer) };
  },
};
