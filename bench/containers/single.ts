import { rmSync } from 'node:fs';
import { percentile, print } from '../print.ts';
import { makeBundle, timeCommand } from './oci.ts';
import {
  type BenchScene,
  launch,
  makeDirectory,
  makeRootfs,
  openContainerizer,
  removeDirectory,
} from './scene.ts';

const rounds = 100;

/**
 * One container after the other, each of `true` in namespaces, cgroups and a root of its own. They
 * take turns with the other runtimes, so that a busy machine is busy for all of them.
 */
export async function benchSingle(runtimes: readonly string[]): Promise<void> {
  const directory = makeDirectory();
  const rootfs = makeRootfs();
  const bundle = makeBundle(directory, rootfs);
  const scene = await openContainerizer(directory, 'cgroups/cpu,cgroups/mem', rootfs);
  const running: number[] = [];
  const whole: number[] = [];
  const spawns: number[] = [];
  const others = runtimes.map((runtime) => ({ runtime, times: [] as number[] }));
  try {
    // The first ones warm up.
    for (let round = -10; round < rounds; round++) {
      const own = await timeOwn(scene, `single${round}`);
      if (round < 0) continue;
      running.push(own.running);
      whole.push(own.whole);
      spawns.push(await timeCommand('true'));
      for (const { runtime, times } of others) {
        times.push(await timeCommand(runtime, 'run', '--bundle', bundle, `bench-${round}`));
      }
    }
  } finally {
    await scene.containerizer.close();
    removeDirectory(directory);
    rmSync(rootfs, { recursive: true });
  }
  report('one container: launch to running', running, 'aim: half of crun');
  report('one container: launch to cleaned up', whole, 'beside the whole runs below');
  for (const { runtime, times } of others) {
    report(`${runtime} run`, times, 'the same program, namespaces and limits');
  }
  report('spawn of `true` alone', spawns, 'a part of the runs above');
}

async function timeOwn(
  scene: BenchScene,
  name: string,
): Promise<{ running: number; whole: number }> {
  const began = performance.now();
  const id = await launch(scene, name, ['/bin/true']);
  const running = performance.now() - began;
  const end = await scene.containerizer.wait(id);
  // It may be gone before anybody asks.
  if (end && end.status !== 0) throw new Error(`true ended with status ${end.status}`);
  return { running, whole: performance.now() - began };
}

function report(what: string, times: readonly number[], beside: string): void {
  print(what, `p50 ${percentile(times, 50)} ms, p99 ${percentile(times, 99)} ms`, beside);
}
