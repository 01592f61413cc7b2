// Who leads stands in a file that all masters share, with the time until which it holds. Whoever finds
// no valid lease writes its own, which holds a little later: of several that write at once the last
// one stands by then. Clocks must agree within a fraction of the lease.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Candidacy, defineModule, type ModuleContext, param } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';

const parameters = {
  file: param.path({ required: true, help: 'Shared by all masters and agents.' }),
  lease: param.duration({ default: '5secs', help: 'So long a master leads without renewing.' }),
};

interface Lease {
  readonly owner: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly master: MasterInfo;
}

async function read(file: string): Promise<Lease | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isAbsent || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function sleep({ clock }: ModuleContext, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = clock.setTimer(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    const stop = () => {
      timer.cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

export const contender = defineModule({
  kind: 'MasterContender',
  name: 'org_example_FileContender',
  description: 'Leads while it renews its lease in a shared file',
  parameters,
  create(context, { file, lease }) {
    const owner = context.random.uuid();
    const draft = `${file}.${owner}`;
    let self: MasterInfo | undefined;
    let candidacy: AbortController | undefined;

    const write = async (fromMs: number) => {
      const untilMs = Math.max(fromMs, context.clock.now()) + lease;
      await writeFile(draft, JSON.stringify({ owner, fromMs, untilMs, master: self }));
      await rename(draft, file);
    };

    /** Resolves when the lease is lost. */
    async function lead(signal: AbortSignal): Promise<void> {
      for (;;) {
        const held = await read(file);
        if (held === undefined || held.untilMs <= context.clock.now()) break;
        await sleep(context, lease / 10, signal);
      }
      const fromMs = context.clock.now() + lease / 3;
      while (!signal.aborted) {
        await write(fromMs);
        await sleep(context, lease / 4, signal);
        if ((await read(file))?.owner !== owner) return;
      }
    }

    async function withdraw(): Promise<void> {
      candidacy?.abort(new Error('withdrawn'));
      candidacy = undefined;
      if ((await read(file))?.owner === owner) await rm(file, { force: true });
      await rm(draft, { force: true });
    }

    return {
      initialize(info: MasterInfo) {
        self = info;
      },
      async contend(): Promise<Candidacy> {
        await withdraw();
        const own = new AbortController();
        candidacy = own;
        // A withdrawn candidacy is lost, which is no failure.
        return { lost: lead(own.signal).catch((error) => ignoreIf(own.signal.aborted, error)) };
      },
      withdraw,
    };
  },
});

export const detector = defineModule({
  kind: 'MasterDetector',
  name: 'org_example_FileDetector',
  description: 'Reads from a shared file who leads',
  parameters,
  create: (context, { file, lease }) => ({
    async detect(previous: MasterInfo | undefined, signal: AbortSignal) {
      for (;;) {
        const held = await read(file);
        const now = context.clock.now();
        const isValid = held !== undefined && held.fromMs <= now && now < held.untilMs;
        const leader = isValid ? held.master : undefined;
        if (leader?.id !== previous?.id) return leader;
        await sleep(context, lease / 10, signal);
      }
    },
  }),
});

function ignoreIf(isFine: boolean, error: unknown): void {
  if (!isFine) throw error;
}
