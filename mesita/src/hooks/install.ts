import type { Hook } from '@mesita/sdk/module';
import type { InstalledHook } from './calls.ts';

/** What installing needs of the module manager. */
interface HookModules {
  readonly loaded: readonly {
    readonly name: string;
    readonly module: { readonly kind: string };
    readonly library: { readonly path: string };
  }[];
  create(kind: 'Hook', name: string): Promise<Hook>;
}

/** Makes the hooks that `--hooks` names. Rejects with the text with which the daemon ends. */
export async function installHooks(
  flag: string | undefined,
  modules: HookModules,
): Promise<readonly InstalledHook[]> {
  const installed: InstalledHook[] = [];
  for (const name of flag === undefined ? [] : flag.split(',')) {
    const failed = 'Error installing hooks: ';
    if (installed.some((earlier) => earlier.name === name)) {
      throw new Error(`${failed}Hook module '${name}' already loaded`);
    }
    const found = modules.loaded.find((loaded) => loaded.name === name);
    if (found?.module.kind !== 'Hook') {
      const kind = found && `: '${name}' is of kind '${found.module.kind}' (${found.library.path})`;
      throw new Error(`${failed}No hook module named '${name}' available${kind ?? ''}`);
    }
    try {
      installed.push({ name, hook: await modules.create('Hook', name) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${failed}Failed to instantiate hook module '${name}': ${reason}`);
    }
  }
  return installed;
}
