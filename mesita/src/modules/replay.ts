// Plays a recording against a module: a test that somebody's cluster has written.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Parameter } from '@mesita/sdk/types';
import { openLibrary } from './library.ts';
import type { Line } from './recording/line.ts';
import { createPlayer, type Difference } from './recording/player.ts';

interface ReplayOptions {
  /** What `--record_modules` wrote. */
  readonly file: string;
  readonly modulePath: string;
  /** Where the library has several. */
  readonly moduleName?: string | undefined;
  /** In place of those that were recorded, whose secrets are gone. */
  readonly parameters?: readonly Parameter[] | undefined;
}

interface Replay {
  /** Calls of the recording that were made. */
  readonly calls: number;
  /** Answers, and calls of the module to the daemon, that are as they were recorded. */
  readonly equal: number;
  /** The first 100. */
  readonly differences: readonly Difference[];
}

/**
 * Time is the recording's, chance is a fixed row of numbers, and calls are made in their order, so
 * that a second replay of the same module says the same. Rejects when the file is no recording or
 * the module cannot be made.
 */
export async function replayModule(options: ReplayOptions): Promise<Replay> {
  const { file, modulePath, moduleName } = options;
  const library = await openLibrary(modulePath, modulePath);
  const name = moduleName ?? library.moduleNames[0];
  const module = name === undefined ? undefined : library.find(name);
  if (!module || !('create' in module)) {
    throw new Error(`'${modulePath}' has no module '${name ?? ''}'`);
  }
  const player = createPlayer(module, options.parameters);
  let number = 0;
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  for await (const text of lines) {
    number++;
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      throw new Error(`${file}:${number}: no line of a recording`);
    }
    await player.play(line, number);
  }
  if (number === 0) throw new Error(`${file}: an empty recording`);
  return player.finish();
}
