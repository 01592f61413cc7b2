import process from 'node:process';
import { runSuite } from '@mesita/sdk/conformance';
import { createTestContext } from '@mesita/sdk/module';
import { calls } from '@mesita/sdk/module/calls';
import { systemClock } from '../../actor/clock.ts';
import { createInHome } from '../../modules/homes/home.ts';
import type { Home } from '../../modules/manifest.ts';
import { createTerminal } from '../terminal.ts';
import { isLibrary, type ModuleOptions, type OpenedModule, openModule } from './open.ts';
import { createStage, type Stage, specOf } from './subject.ts';
import { formatTable } from './table.ts';

const WARM_UP_CALLS = 50;
const MEASURE_MS = 250;
const MAX_CALLS = 200_000;

type Method = (...args: readonly unknown[]) => unknown;
type Members = Record<string, Method | undefined>;

/** The calls are those of the kind's suite: each method's first one, over and over. */
export async function benchModule(file: string, options: ModuleOptions): Promise<void> {
  const opened = await openModule(file, options);
  const terminal = createTerminal(process.stdout, process.env);
  const stage = await createStage(opened);
  try {
    const asked = await overhear(stage);
    const rows: string[][] = [];
    for (const home of homesOf(file, options)) {
      terminal.status(`measuring in home ${home}`);
      rows.push(...(await measure({ ...opened, home }, asked, stage.subject.directory as string)));
    }
    terminal.status('');
    terminal.line(formatTable(['home', 'method', 'calls', 'p50', 'p99', 'calls/s'], rows));
  } finally {
    await stage.end();
  }
}

function homesOf(file: string, { home }: ModuleOptions): readonly Home[] {
  if (home !== undefined) return [home as Home];
  return isLibrary(file) ? ['daemon', 'worker', 'process'] : ['program'];
}

/** Requests that may be repeated, with arguments as the suite gives them. */
async function overhear({ subject }: Stage): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const asked = new Map<string, readonly unknown[]>();
  await runSuite({
    ...subject,
    patienceMs: 500,
    async create(context) {
      const instance = (await subject.create(context)) as object;
      const listen = (target: object, key: string | symbol) => {
        const member = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]) => {
          if (!asked.has(String(key))) asked.set(String(key), args);
          return Reflect.apply(member, target, args);
        };
      };
      return new Proxy(instance, { get: listen }) as never;
    },
  });
  const { methods } = calls[subject.kind];
  const isRepeatable = (name: string) =>
    methods[name]?.sort === 'request' && !methods[name].lends && !methods[name].gives;
  return new Map([...asked].filter(([name]) => isRepeatable(name)));
}

async function measure(
  opened: OpenedModule,
  asked: ReadonlyMap<string, readonly unknown[]>,
  directory: string,
): Promise<string[][]> {
  const { context } = createTestContext({ workDir: directory, runtimeDir: directory });
  const { home } = opened;
  let housed: Awaited<ReturnType<typeof createInHome>>;
  try {
    housed = await createInHome(specOf(opened), { ...context, clock: systemClock } as never);
  } catch (error) {
    return [[home, (error as Error).message, '', '', '', '']];
  }
  try {
    const rows: string[][] = [];
    const members = housed.instance as unknown as Members;
    for (const [name, args] of asked) {
      const method = members[name];
      if (method) rows.push([home, name, ...(await time(() => method.apply(members, [...args])))]);
    }
    return rows;
  } finally {
    await housed.stop();
  }
}

async function time(call: () => unknown): Promise<string[]> {
  const durations: number[] = [];
  for (let i = 0; i < WARM_UP_CALLS; i++) await settle(call);
  const until = performance.now() + MEASURE_MS;
  const from = process.hrtime.bigint();
  while (durations.length < MAX_CALLS && performance.now() < until) {
    const start = process.hrtime.bigint();
    await settle(call);
    durations.push(Number(process.hrtime.bigint() - start));
  }
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  durations.sort((a, b) => a - b);
  const at = (part: number) => `${durations[Math.floor((durations.length - 1) * part)] ?? 0} ns`;
  const perSecond = Math.round(durations.length / seconds);
  return [String(durations.length), at(0.5), at(0.99), String(perSecond)];
}

/** A refusal costs what it costs. */
async function settle(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch {
    // Measured all the same.
  }
}
