import type { Isolator } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';

type Remembering = Required<Pick<Isolator, 'recover' | 'isolate' | 'cleanup'>>;

/** The part that the POSIX isolators share: they know a container by its first process. */
export function rememberPids(): Remembering & { pidOf(id: ContainerID): number | undefined } {
  const pids = new Map<string, number>();
  const keyOf = (id: ContainerID): string => (id.parent ? `${keyOf(id.parent)}.` : '') + id.value;
  return {
    pidOf: (id) => pids.get(keyOf(id)),
    async recover(states) {
      for (const { containerId, pid } of states) pids.set(keyOf(containerId), pid);
    },
    async isolate(id, pid) {
      pids.set(keyOf(id), pid);
    },
    async cleanup(id) {
      pids.delete(keyOf(id));
    },
  };
}
