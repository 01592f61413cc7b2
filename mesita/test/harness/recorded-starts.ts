// How the real daemons took their flags: 170 starts, recorded from a C++ Mesos.
import { readFileSync } from 'node:fs';

export interface RecordedStart {
  readonly id: string;
  readonly daemon: 'master' | 'agent';
  readonly args: readonly string[];
  /** Base flags left out. */
  readonly without?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly outcome: 'running' | 'exited';
  readonly status?: number | string;
  readonly message?: string;
  readonly stdout_first?: string;
  readonly flags_shown?: Readonly<Record<string, string | null>>;
  readonly warnings?: readonly string[];
}

/** Stands for what the recording keeps no content of. */
export const PATH = '/recorded';

export const recordedStarts: readonly RecordedStart[] = readFileSync(
  new URL('../unit/flags/testdata/startup.jsonl', import.meta.url),
  'utf8',
)
  .replaceAll('<PATH>', PATH)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** What Mesos said last, without the head of its log line. */
export function recordedMessage({ message = '' }: RecordedStart): string {
  return message.replace(/^[EF]> (EXIT with status 1: )?/, '').trim();
}

/** What PATH has to be for a start to go as it did. */
interface Scenery {
  readonly file?: string;
  /** Name → content; undefined: a directory. */
  readonly directory?: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts whose outcome flags alone do not tell, for it is found out by loading and making what they
 * name: the daemons themselves are held to them, in `system/module-starts.test.ts`.
 */
export const startsOfModules: Readonly<Record<string, Scenery>> = {
  ST032: {},
  ST047: {},
  ST051: {},
  ST052: {},
  ST053: {},
  ST054: {},
  ST058: { directory: {} },
  ST060: { directory: { manifest: '' } },
  ST062: {},
  ST063: {},
  ST071: {},
  ST121: {},
  ST124: {},
  ST125: {},
  ST126: {},
  ST128: {},
  ST130: {},
  ST132: { directory: {} },
  ST133: {},
  ST134: { directory: { manifest: '' } },
  ST135: { directory: { manifest: undefined } },
  ST141: {},
  ST149: {},
  ST175: { file: '{"credentials": [{"principal": "p", "secret": "s"}]}' },
  ST197: {},
  ST211: {},
  ST215: {},
  ST217: {},
  ST259: {},
  ST262: {},
  ST263: {},
  ST266: {},
};
