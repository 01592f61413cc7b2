// A hook is exchanged again and again while it is called 2,000 times a second: what callers feel.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext, type InstanceOf } from '@mesita/sdk/module';
import { systemClock } from '../mesita/src/actor/clock.ts';
import { createModuleManager, type ModuleManager } from '../mesita/src/modules/manager.ts';
import { type Home, parseManifest } from '../mesita/src/modules/manifest.ts';
import { createModuleOperations } from '../mesita/src/modules/operations.ts';
import { createModulesProcess } from '../mesita/src/modules/routes.ts';
import { createMetrics } from '../mesita/src/net/metrics.ts';
import { percentile, print } from './print.ts';

const RELOADS = 20;
const CALLS_PER_SECOND = 2_000;
const BETWEEN_MS = 200;

const source = (version: number) => `
import { defineModule } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Hook',
  name: 'bench',
  create() {
    let calls = 0;
    return {
      agentExecutorEnvironmentDecorator: () => ({ variables: [{ name: 'V', value: '${version}' }] }),
      exportState: () => ({ calls }),
      importState(state: { calls: number }) { calls = state.calls; },
    };
  },
});
`;

export async function moduleReloadBench(home: Home): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'mesita-bench-'));
  const path = join(root, 'bench.ts');
  writeFileSync(path, source(0));
  const manager = createManager(root);
  try {
    const modules = [{ name: 'bench', home }];
    await manager.load(parseManifest(JSON.stringify({ libraries: [{ file: path, modules }] })));
    const hook = await manager.create('Hook', 'bench');
    const { log } = createTestContext().context;
    const operations = createModuleOperations({
      ...{ manager, log, clock: systemClock, onChange() {} },
    });
    const callers = startCallers(hook);
    for (let version = 1; version <= RELOADS; version++) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
      writeFileSync(path, source(version));
      await operations.reload('bench', false);
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    report(home, await callers.stop());
  } finally {
    for (const { held } of manager.shop.made) await held.version.housed.stop();
    rmSync(root, { recursive: true });
  }
}

function createManager(root: string): ModuleManager {
  const { random, log } = createTestContext().context;
  return createModuleManager({
    ...{ random, log, clock: systemClock, path: [], workDir: root, runtimeDir: root },
    signal: new AbortController().signal,
    metrics: createMetrics(systemClock),
    http: createModulesProcess('bench', () => {}),
  });
}

interface Outcome {
  readonly made: number;
  readonly failed: number;
  /** From the moment at which the call was due, so that nobody's pause is left out. */
  readonly waitsMs: readonly number[];
  /** How long of it this thread worked: what is left of a pause on a machine with nothing else to do. */
  readonly workedMs: readonly number[];
  readonly versions: ReadonlySet<string | undefined>;
}

function startCallers(hook: InstanceOf<'Hook'>) {
  const began = performance.now();
  const [waitsMs, workedMs]: [number[], number[]] = [[], []];
  const versions = new Set<string | undefined>();
  const pending = new Set<Promise<void>>();
  let [made, failed, isOver] = [0, 0, false];

  async function call(dueMs: number, workBefore: number): Promise<void> {
    try {
      const answer = await hook.agentExecutorEnvironmentDecorator?.({ executorId: { value: 'e' } });
      versions.add(answer?.variables?.[0]?.value);
    } catch {
      failed++;
    }
    waitsMs.push(performance.now() - dueMs);
    workedMs.push(threadWorkMs() - workBefore);
  }
  async function run(): Promise<void> {
    let work = threadWorkMs();
    while (!isOver) {
      const due = began + (made * 1_000) / CALLS_PER_SECOND;
      if (due > performance.now()) {
        work = threadWorkMs();
        await new Promise(setImmediate);
      } else {
        made++;
        const one: Promise<void> = call(due, work).finally(() => pending.delete(one));
        pending.add(one);
      }
    }
    await Promise.all(pending);
  }
  const running = run();
  return {
    async stop(): Promise<Outcome> {
      isOver = true;
      await running;
      return { made, failed, waitsMs, workedMs, versions };
    },
  };
}

/** Of this thread, so far; 0 where the kernel does not say. */
function threadWorkMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

function report(home: Home, outcome: Outcome): void {
  const { made, failed, waitsMs, workedMs, versions } = outcome;
  const lost = made - waitsMs.length;
  const missing = RELOADS + 1 - versions.size;
  const longest = (waits: readonly number[]) => Math.round(Math.max(...waits) * 10) / 10;
  print(
    `${RELOADS} reloads in a ${home}, ${CALLS_PER_SECOND} calls/s`,
    `longest pause ${longest(waitsMs)} ms, p99 ${percentile(waitsMs, 99)} ms`,
    `${longest(workedMs)} ms of work; ${made} calls, ${lost + failed} lost, ${missing} versions unheard of`,
  );
}
