import type { Logger } from '@mesita/sdk/base';
import { createAnswerReader, encodeFrame } from '../launcher/frames.ts';
import { createLauncherProcess } from '../launcher/launcher-process.ts';

/** What cgroups can do and Node has no words for: `mesita-launcher cgroups` does it. */
export interface CgroupCompanion {
  /**
   * Calls `onEvent` with how often the file of a version 1 group gave an event since the last call;
   * with 0 when events may have been missed. Answers how to stop.
   */
  watch(event: CgroupEvent, onEvent: (times: number) => void): Promise<() => void>;
  /** From now on a program (`device-program.ts`) decides on devices in a version 2 group. */
  filterDevices(directory: string, list: string, program: Uint8Array): Promise<void>;
  /** What was noted with that; empty where nothing was. */
  readDeviceList(directory: string): Promise<string>;
  close(): Promise<void>;
}

interface CgroupEvent {
  readonly directory: string;
  readonly file: string;
  /** What the file wants to be told; empty for most. */
  readonly level: string;
}

interface Watch {
  readonly event: CgroupEvent;
  readonly onEvent: (times: number) => void;
}

/** It is started at once, while this process is small. */
export function createCgroupCompanion(program: string, log: Logger): CgroupCompanion {
  const watches = new Map<string, Watch>();
  const companion = createLauncherProcess(
    {
      command: program,
      args: ['cgroups'],
      createReader: createAnswerReader,
      onEvent: (sequence, times) => watches.get(sequence)?.onEvent(Number(times)),
      onDeath: watchAgain,
      isBackground: true,
    },
    log,
  );

  const ask = (verb: string, ...args: string[]): Promise<string> =>
    companion.ask((sequence) => encodeFrame([verb, sequence, ...args]));

  async function start(watch: Watch): Promise<string> {
    const { directory, file, level } = watch.event;
    let sequence = '';
    // An event may come in the same breath as the answer.
    const frame = (number: string): Buffer => {
      sequence = number;
      watches.set(number, watch);
      return encodeFrame(['watch', number, directory, file, level]);
    };
    try {
      await companion.ask(frame);
      return sequence;
    } catch (error) {
      watches.delete(sequence);
      throw new Error(`Failed to watch '${directory}/${file}': ${(error as Error).message}`);
    }
  }

  function watchAgain(): void {
    const lost = [...watches.values()];
    watches.clear();
    for (const watch of lost) {
      void start(watch).then(
        () => watch.onEvent(0),
        (error: Error) => log.warn('a cgroup is not watched any more', { error: error.message }),
      );
    }
  }

  return {
    async watch(event, onEvent) {
      const watch = { event, onEvent };
      await start(watch);
      return () => {
        for (const [sequence, each] of watches) {
          if (each !== watch) continue;
          watches.delete(sequence);
          void ask('forget', sequence).catch(() => {});
        }
      };
    },
    async filterDevices(directory, list, bytes) {
      try {
        await ask('devices', directory, list, Buffer.from(bytes).toString('hex'));
      } catch (error) {
        throw new Error(
          `Failed to filter devices of cgroup '${directory}': ${(error as Error).message}`,
        );
      }
    },
    async readDeviceList(directory) {
      try {
        return await ask('list', directory);
      } catch (error) {
        throw new Error(
          `Failed to read devices of cgroup '${directory}': ${(error as Error).message}`,
        );
      }
    },
    close: () => companion.close(),
  };
}
