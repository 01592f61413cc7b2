// `npm run bench -- [name…]`: prints figures and, beside them, the machine they were taken on.
import { cpus, loadavg, totalmem } from 'node:os';
import process from 'node:process';
import { importBundled } from './bundled.ts';
import { daemonsBench } from './daemons.ts';
import { failoverBench } from './failover.ts';
import { modulesBench } from './modules.ts';
import { registryBench } from './registry.ts';
import { updatesBench } from './updates.ts';
import { wireBench } from './wire.ts';

/** Those that are not quick run only by their names: `allocator` takes three minutes. */
const benches: Readonly<
  Record<string, { run: (rows: string[]) => Promise<void>; quick: boolean }>
> = {
  wire: { run: wireBench, quick: true },
  daemons: { run: daemonsBench, quick: true },
  modules: { run: modulesBench, quick: true },
  registry: { run: registryBench, quick: true },
  updates: { run: updatesBench, quick: true },
  containers: {
    run: async (rows) => {
      const url = new URL('containers.ts', import.meta.url);
      const { containersBench } = await importBundled<typeof import('./containers.ts')>(url);
      await containersBench(rows);
    },
    quick: true,
  },
  failover: { run: failoverBench, quick: false },
  allocator: {
    run: async (rows) => {
      const url = new URL('allocator.ts', import.meta.url);
      const { allocatorBench } = await importBundled<typeof import('./allocator.ts')>(url);
      await allocatorBench(rows);
    },
    quick: false,
  },
};

function describeMachine(): string {
  const [one = 0, five = 0] = loadavg();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpus()[0]?.model}, ${gigabytes} GiB, Node ${process.version}, load ${one.toFixed(1)} (5 min ${five.toFixed(1)})`;
}

const [name, ...rows] = process.argv.slice(2);
if (name !== undefined && !benches[name]) {
  process.stderr.write(
    `bench: no benchmark '${name}': one of ${Object.keys(benches).join(', ')}\n`,
  );
  process.exit(1);
}
process.stdout.write(`${describeMachine()}\n`);
for (const [key, { run, quick }] of Object.entries(benches)) {
  if (name === undefined ? !quick : key !== name) continue;
  process.stdout.write(`\n${key}\n`);
  await run(rows);
}
process.stdout.write(`\n${describeMachine()}\n`);
process.exit(0);
