import type { Clock } from '@mesita/sdk/base';
import { applyOperation } from '../../master/core/registry/apply-operation.ts';
import type { RegistryOperation } from '../../master/core/registry/operation.ts';
import type { Registry } from '../../wire/types/registry.ts';
import type { SeededRandom } from './random.ts';

/** Where masters keep the registry. A crash may lose what was not yet called durable. */
export interface RegistryDisk {
  /** `onDurable` is told, in order, whether anything changed. `life` is the writer's. */
  apply(life: Clock, operation: RegistryOperation, onDurable: (mutated: boolean) => void): void;
  /** The writer died: what the next one finds. */
  recover(): Registry;
}

export function createRegistryDisk(random: SeededRandom): RegistryDisk {
  let current: Registry = {};
  // From the last durable one to the newest.
  let versions: Registry[] = [current];
  let lastAt = 0;
  return {
    apply(life, operation, onDurable) {
      const result = applyOperation(current, operation);
      const mutated = result.ok && result.value !== current;
      if (mutated) {
        current = result.value;
        versions.push(current);
      }
      const written = current;
      lastAt = Math.max(lastAt, life.now() + random.between(1, random.chance(0.02) ? 3000 : 20));
      life.setTimer(lastAt - life.now(), () => {
        versions = versions.slice(versions.indexOf(written));
        onDurable(mutated);
      });
    },
    recover() {
      current = random.pick(versions);
      versions = [current];
      return current;
    },
  };
}
