// `--record_allocations`: what the allocator is told and decides, for the laboratory.
import type { Allocator, AllocatorContext } from '@mesita/sdk/module';
import { openTraceFile } from '../lab/trace/file.ts';
import { createRecorder } from '../lab/trace/recorder.ts';
import type { MasterFlags } from '../master/flags.ts';
import type { Daemon } from './daemon.ts';

type StartTimer = NonNullable<AllocatorContext['startTimer']>;

interface Recording {
  /** For the allocator's context, in place of the one given. */
  readonly startTimer: StartTimer;
  record(allocator: Allocator): Allocator;
  stop(): Promise<void>;
}

/** Without the flag nothing is in between. */
export function startRecording(
  { flags, log }: Pick<Daemon<MasterFlags>, 'flags' | 'log'>,
  startTimer: StartTimer,
): Recording {
  const path = flags.recordAllocations;
  if (path === undefined) return { startTimer, record: (allocator) => allocator, async stop() {} };
  const file = openTraceFile(path, log);
  const now = () => performance.timeOrigin + performance.now();
  const recorder = createRecorder({ now, write: file.write, startTimer });
  return { ...recorder, stop: () => file.close() };
}
