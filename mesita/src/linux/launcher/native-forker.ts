import type { Logger } from '@mesita/sdk/base';
import type { Forker } from './forker.ts';
import { createAnswerReader, encodeFrame, forkFields } from './frames.ts';
import { createLauncherProcess, type LauncherProgram, parseForked } from './launcher-process.ts';

/** Speaks with the compiled launcher. */
export function createNativeForker(
  program: string,
  log: Logger,
  options: Pick<LauncherProgram, 'isBackground'> = {},
): Forker {
  const launcher = createLauncherProcess(
    { command: program, args: [], createReader: createAnswerReader, ...options },
    log,
  );
  return {
    async fork(spec) {
      const fields = forkFields(spec);
      return parseForked(await launcher.ask((number) => encodeFrame(['fork', number, ...fields])));
    },
    async release({ pid }) {
      await launcher.ask((number) => encodeFrame(['go', number, String(pid)]));
    },
    close: () => launcher.close(),
  };
}
