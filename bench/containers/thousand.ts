import { join } from 'node:path';
import type { ContainerID } from '@mesita/sdk/types';
import { print } from '../print.ts';
import { launch, makeDirectory, openContainerizer, removeDirectory, timed } from './scene.ts';

const containers = 1000;
const isolation = 'cgroups/cpu,cgroups/mem';
const program = ['sleep', '10000'];

/** A thousand containers on one agent, through everything that happens to them. */
export async function benchThousand(): Promise<void> {
  const directory = makeDirectory();
  let scene = await openContainerizer(directory, isolation);
  const ids: ContainerID[] = [];
  try {
    await scene.containerizer.recover([]);
    const launched = await timed(async () => {
      const all = Array.from({ length: containers }, (_, at) =>
        launch(scene, `many${at}`, program),
      );
      ids.push(...(await Promise.all(all)));
    });
    show('launched together', launched, 's', 'aim 15 s; Mesos 30.7 s on 24 cores');
    const usage = async () => {
      await Promise.all(ids.map((id) => scene.containerizer.usage(id)));
    };
    await usage();
    show('statistics of all', await timed(usage), 'ms', 'aim 100 ms');
    const states = await Promise.all(
      ids.map(async (containerId) => ({
        containerId,
        pid: (await scene.containerizer.status(containerId)).executorPid ?? 0,
        directory: join(directory, 'work', containerId.value),
      })),
    );
    await scene.containerizer.close();
    const restarted = await timed(async () => {
      scene = await openContainerizer(directory, isolation);
      await scene.containerizer.recover(states);
    });
    show('taken up again after a restart', restarted, 's', 'aim 3 s');
    const destroyed = await timed(async () => {
      await Promise.all(ids.map((id) => scene.containerizer.destroy(id)));
    });
    show('destroyed together', destroyed, 's', 'aim 10 s; Mesos 22 s on 24 cores');
  } finally {
    await Promise.allSettled(ids.map((id) => scene.containerizer.destroy(id)));
    await scene.containerizer.close();
    removeDirectory(directory);
  }
}

function show(
  what: string,
  { ms, heldMs }: { ms: number; heldMs: number },
  unit: 's' | 'ms',
  beside: string,
): void {
  const figure = unit === 's' ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
  print(
    `${containers} containers ${what}`,
    `${figure}, loop held ${Math.round(heldMs)} ms at most`,
    `${beside}; loop 50 ms`,
  );
}
