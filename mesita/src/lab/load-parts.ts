import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { AllocatorContext, InstanceOf, KindName, Module } from '@mesita/sdk/module';
import { createTestContext, parseParameters } from '@mesita/sdk/module';
import type { AllocatorParts } from '../allocator/parts.ts';
import { createAllocatorParts, type PartSource } from '../modules/allocator-parts.ts';
import { openLibrary } from '../modules/library.ts';

const KINDS = ['AllocatorSorter', 'AgentOrder', 'OfferFilter', 'QuotaPolicy'];

/** Makes the parts for one run. */
type CreateParts = (context: AllocatorContext) => Promise<AllocatorParts>;

/**
 * Parts of the built-in allocator: of each `file`, all that it exports; of `file#module`, that one.
 * Rejects with one line about what is wrong with them.
 */
export async function loadParts(wanted: readonly string[]): Promise<CreateParts> {
  const modules = new Map<string, Module>();
  for (const one of wanted) for (const module of await open(one)) modules.set(module.name, module);
  return (context) =>
    createAllocatorParts(new Set(modules.keys()), sourceOf([...modules.values()], context));
}

async function open(wanted: string): Promise<Module[]> {
  const [file = '', name] = wanted.split('#');
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`no file '${file}' with parts of the allocator`);
  const library = await openLibrary(file, path);
  const names = name === undefined ? library.moduleNames : [name];
  const parts = names.flatMap((each) => {
    const module = library.find(each);
    return module !== undefined && 'kind' in module && KINDS.includes(module.kind) ? [module] : [];
  });
  if (parts.length > 0) return parts;
  const what = name === undefined ? 'no part of the allocator' : `no part '${name}'`;
  throw new Error(`${path} exports ${what}: it needs a module of kind ${KINDS.join(', ')}`);
}

/** What is made gets the virtual clock and the seeded chance of the run. */
function sourceOf(
  modules: readonly Module[],
  { clock, log, random }: AllocatorContext,
): PartSource {
  return {
    loaded: modules.map((module) => ({ name: module.name, module })),
    async create<K extends KindName>(kind: K, name: string) {
      const module = modules.find((one) => one.kind === kind && one.name === name) as Module<K>;
      const parameters = parseParameters(module.parameters, []);
      if (!parameters.ok) throw new Error(`${name}: ${parameters.error}`);
      const context = { ...createTestContext({ name }).context, clock, log, random };
      return (await module.create(context as never, parameters.value)) as InstanceOf<K>;
    },
  };
}

/** For titles: `bin-packing.ts`, `parts.ts#org_example_Pools`. */
export function titleOfParts(wanted: readonly string[]): string {
  return wanted.map((one) => basename(one)).join(', ');
}
