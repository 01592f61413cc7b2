import { ok, type Result } from '@mesita/sdk/base';
import { changesOf } from './changes-of.ts';
import type { RegistryOperation } from './operation.ts';
import { applyChanges } from './records.ts';
import { fromWhole, toWhole, type WholeRegistry } from './whole.ts';

/**
 * The registry after an operation: the same object when nothing changed, an error when it does not
 * apply. For small registries: it costs what the whole one holds.
 */
export function applyOperation(
  registry: WholeRegistry,
  operation: RegistryOperation,
): Result<WholeRegistry> {
  const records = fromWhole(registry);
  const changes = changesOf(records, operation);
  if (!changes.ok) return changes;
  if (changes.value.length === 0) return ok(registry);
  applyChanges(records, changes.value);
  return ok(toWhole(records));
}
