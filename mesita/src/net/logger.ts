import { mkdirSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Clock, LogFields, Logger } from '@mesita/sdk/base';
import { pino } from 'pino';
import { formatJson, formatLine, type Severity } from './log-format.ts';
import type { LogLevel } from './processes.ts';

interface LogOptions {
  readonly clock: Clock;
  /** Least severity that is written; verbosity 1 and above shows `debug` as well. */
  readonly level?: Severity;
  readonly format?: 'text' | 'json';
  readonly write: (line: string) => void;
}

interface Log {
  /** A logger whose lines carry `name`. */
  named(name: string): Logger;
  /** For `/logging/toggle`. */
  readonly verbosity: LogLevel;
}

const severities: readonly Severity[] = ['debug', 'info', 'warn', 'error'];

export function createLog({ clock, level = 'info', format = 'text', write }: LogOptions): Log {
  const least = severities.indexOf(level);
  let verbosity = level === 'debug' ? 1 : 0;
  const formatEntry = format === 'json' ? formatJson : formatLine;

  function log(severity: Severity, name: string, text: string, fields: LogFields | undefined) {
    const needed = verbosity > 0 ? 0 : Math.max(least, 1);
    if (severities.indexOf(severity) < needed) return;
    write(formatEntry({ at: clock.now(), severity, name, text, fields }, process.pid));
  }

  return {
    named: (name) => ({
      debug: (text, fields) => log('debug', name, text, fields),
      info: (text, fields) => log('info', name, text, fields),
      warn: (text, fields) => log('warn', name, text, fields),
      error: (text, fields) => log('error', name, text, fields),
    }),
    verbosity: {
      get: () => verbosity,
      set(next) {
        verbosity = next;
      },
    },
  };
}

export interface LogOutput {
  write(line: string): void;
  /** Before the process ends: what is buffered is written. */
  flush(): void;
  /** The file of `--log_dir`, under the name that stays the same: `<log_dir>/mesos-master.INFO`. */
  readonly path?: string;
}

interface LogOutputOptions {
  /** `mesos-master`: part of the file's name. */
  readonly program: string;
  /** `--log_dir`. Absent: standard error alone. */
  readonly directory?: string | undefined;
  /** `--quiet`: nothing on standard error. */
  readonly isQuiet?: boolean | undefined;
}

/** Throws when the directory cannot be written to: better at the start than later in silence. */
export function openLogOutput({ program, directory, isQuiet }: LogOutputOptions): LogOutput {
  const outputs: Output[] = [];
  if (!isQuiet) outputs.push(openOutput(2));
  const path = directory === undefined ? undefined : join(directory, `${program}.INFO`);
  if (directory !== undefined) outputs.push(openFile(directory, program));
  // A closed terminal or a full disk must not end the daemon.
  for (const output of outputs) output.on('error', () => undefined);
  const flush = (output: Output) => {
    try {
      output.flushSync();
    } catch {
      // Nothing is left to tell it to.
    }
  };
  return {
    ...(path === undefined ? {} : { path }),
    write(line) {
      for (const output of outputs) output.write(line);
    },
    flush() {
      outputs.forEach(flush);
    },
  };
}

type Output = ReturnType<typeof pino.destination>;

/** Beyond this much that nobody takes, lines are dropped: a stalled terminal must not hold us up. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Lines leave together: each write of a file wakes a thread, which costs more than its lines. */
const BATCH_BYTES = 4096;
const BATCH_MS = 20;

function openOutput(descriptor: number): Output {
  return pino.destination({
    dest: descriptor,
    sync: false,
    minLength: BATCH_BYTES,
    periodicFlush: BATCH_MS,
    maxLength: MAX_WAITING_BYTES,
  });
}

/** A file for each run, as glog names it, and a link to the newest. */
function openFile(directory: string, program: string): Output {
  try {
    mkdirSync(directory, { recursive: true });
    const started = new Date()
      .toISOString()
      .replace(/[-:]/g, '')
      .replace(/T(\d{6}).*/, '-$1');
    const name = `${program}.${hostname()}.${userInfo().username}.log.INFO.${started}.${process.pid}`;
    const descriptor = openSync(join(directory, name), 'a');
    writeSync(descriptor, fileHeader());
    const file = openOutput(descriptor);
    const link = join(directory, `${program}.INFO`);
    rmSync(link, { force: true });
    symlinkSync(name, link);
    return file;
  } catch (cause) {
    throw new Error(`cannot log to '${directory}'`, { cause });
  }
}

/** What tools that read glog's files look for at their beginning. */
function fileHeader(): string {
  const [date, time = ''] = new Date().toISOString().split('T');
  return [
    `Log file created at: ${date?.replaceAll('-', '/')} ${time.slice(0, 8)}`,
    `Running on machine: ${hostname()}`,
    'Log line format: [VIWE]mmdd hh:mm:ss.uuuuuu pid name] text field=value',
    '',
  ].join('\n');
}
