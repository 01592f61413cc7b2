import type { Timer } from '@mesita/sdk/base';
import { defineModule, param } from '@mesita/sdk/module';
import type { ContainerID, Resource } from '@mesita/sdk/types';
import type { ContainerLimitation } from '@mesita/sdk/types/containerizer';
import { measureDisk } from '../../../linux/disk-usage.ts';

interface Watched {
  readonly directory: string;
  /** In bytes; undefined: no disk was asked for. */
  quota: number | undefined;
  used: number | undefined;
  /** Paths in the sandbox with a quota of their own: persistent volumes. */
  exclude: ReadonlySet<string>;
}

/** Measures sandboxes again and again; ends a container over its quota when that is enforced. */
export default defineModule({
  kind: 'Isolator',
  name: 'disk/du',
  description: 'Disk quota of the sandbox, by measuring it',
  parameters: {
    container_disk_watch_interval: param.duration({ default: '15secs' }),
    enforce_container_disk_quota: param.bool({ default: false }),
  },
  create: ({ clock, log }, options) => {
    const containers = new Map<string, Watched>();
    const intervalMs = options.container_disk_watch_interval;

    async function check(watched: Watched, signal: AbortSignal): Promise<boolean> {
      watched.used = await measureDisk(watched.directory, watched.exclude, signal);
      const isOver = watched.quota !== undefined && watched.used > watched.quota;
      return isOver && options.enforce_container_disk_quota;
    }

    function watch(id: ContainerID, signal: AbortSignal): Promise<ContainerLimitation> {
      return new Promise((resolve, reject) => {
        let timer: Timer | undefined;
        const stop = (): void => {
          timer?.cancel();
          reject(signal.reason);
        };
        signal.addEventListener('abort', stop, { once: true });
        const again = (): void => {
          if (signal.aborted) return;
          timer = clock.setTimer(intervalMs, () => {
            const watched = containers.get(id.value);
            if (!watched || signal.aborted) return;
            check(watched, signal).then(
              (isOver) => (isOver ? resolve(explain(watched)) : again()),
              (error: unknown) => {
                if (signal.aborted) return;
                log.warn('cannot measure a sandbox', { containerId: id.value, error });
                again();
              },
            );
          });
        };
        again();
      });
    }

    return {
      supportsNesting: false,
      supportsStandalone: true,
      async recover(states) {
        for (const { containerId, directory } of states) {
          containers.set(containerId.value, newWatched(directory, []));
        }
      },
      async prepare(id, { directory, resources }) {
        containers.set(id.value, newWatched(directory, resources ?? []));
        return undefined;
      },
      watch,
      async update(id, requests) {
        const watched = containers.get(id.value);
        if (watched) Object.assign(watched, readQuota(watched.directory, requests.toMessages()));
      },
      async usage(id) {
        const watched = containers.get(id.value);
        return { diskLimitBytes: watched?.quota, diskUsedBytes: watched?.used };
      },
      async cleanup(id) {
        containers.delete(id.value);
      },
    };
  },
});

function newWatched(directory: string, resources: readonly Resource[]): Watched {
  return { directory, used: undefined, ...readQuota(directory, resources) };
}

function readQuota(
  directory: string,
  resources: readonly Resource[],
): Pick<Watched, 'quota' | 'exclude'> {
  const disks = resources.filter(({ name }) => name === 'disk');
  const sandbox = disks.filter(({ disk }) => !disk?.persistence);
  const megabytes = sandbox.reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0);
  const volumes = disks.flatMap(({ disk }) => disk?.volume?.containerPath ?? []);
  return {
    quota: sandbox.length > 0 ? megabytes * 1024 * 1024 : undefined,
    exclude: new Set(volumes.map((path) => `${directory}/${path}`)),
  };
}

function explain({ quota = 0, used = 0, directory }: Watched): ContainerLimitation {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)}MB`;
  return {
    reason: 'REASON_CONTAINER_LIMITATION_DISK',
    message: `Disk usage (${megabytes(used)}) of the sandbox '${directory}' exceeds quota (${megabytes(quota)})`,
    resources: [{ name: 'disk', type: 'SCALAR', scalar: { value: quota / 1024 / 1024 } }],
  };
}
