import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Allocator, AllocatorContext, Module } from '@mesita/sdk/module';
import { parseParameters } from '@mesita/sdk/module';
import { HierarchicalAllocator } from '../allocator/hierarchical-allocator.ts';
import { openLibrary } from '../modules/library.ts';
import { loadParts } from './load-parts.ts';

/** Makes one allocator for one run. */
export type CreateAllocator = (context: AllocatorContext) => Allocator | Promise<Allocator>;

/**
 * `hierarchical`, with `parts` in place of its own, or a file that exports a module of kind
 * Allocator. Throws one line about it.
 */
export async function loadAllocator(
  name: string,
  parts: readonly string[] = [],
): Promise<CreateAllocator> {
  if (name === 'hierarchical' || name === 'HierarchicalDRF') {
    const createParts = await loadParts(parts);
    return async (context) => new HierarchicalAllocator(context, await createParts(context));
  }
  if (parts.length > 0) throw new Error(`'${name}' takes no parts: only 'hierarchical' does`);
  const path = resolve(name);
  if (!existsSync(path)) {
    throw new Error(`no allocator '${name}': it is neither 'hierarchical' nor a file`);
  }
  const library = await openLibrary(name, path);
  const modules = library.moduleNames.flatMap((each) => {
    const module = library.find(each);
    return module !== undefined && 'kind' in module && module.kind === 'Allocator' ? [module] : [];
  });
  const [module] = modules as Module<'Allocator'>[];
  if (module === undefined) throw new Error(`${path} exports no module of kind Allocator`);
  const parameters = parseParameters(module.parameters, []);
  if (!parameters.ok) throw new Error(`${module.name}: ${parameters.error}`);
  return (context) => module.create(context, parameters.value);
}
