import type { ContainerID } from '@mesita/sdk/types';
import type { Containerizer } from '../../containerizer/containerizer.ts';
import { removeTree } from '../../linux/remove-tree.ts';
import { makeSandbox } from './sandbox.ts';

/** Sandboxes of containers that an operator launches on their own: `<work_dir>/containers/<id>`. */
export interface StandaloneSandboxes {
  /** Undefined: there is such a container already. Rejects with what a client is told. */
  prepare(id: ContainerID, user: string | undefined): Promise<string | undefined>;
  /** Rejects while its container is there; nothing to do for an unknown one. */
  remove(id: ContainerID): Promise<void>;
}

interface Options {
  readonly workDir: string;
  readonly switchUser: boolean;
  readonly containerizer: Pick<Containerizer, 'containers'>;
}

export function createStandaloneSandboxes({
  workDir,
  switchUser,
  containerizer,
}: Options): StandaloneSandboxes {
  const pathOf = ({ value }: ContainerID): string => `${workDir}/containers/${value}`;

  async function isThere({ value }: ContainerID): Promise<boolean> {
    const all = await containerizer.containers();
    return all.some((each) => !each.parent && each.value === value);
  }

  return {
    async prepare(id, user) {
      if (await isThere(id)) return undefined;
      try {
        await makeSandbox(pathOf(id), switchUser ? user : undefined);
        return pathOf(id);
      } catch (cause) {
        throw new Error(`Failed to create sandbox: ${(cause as Error).message}`, { cause });
      }
    },
    async remove(id) {
      if (await isThere(id)) throw new Error('Container has not terminated yet');
      await removeTree(pathOf(id));
    },
  };
}
