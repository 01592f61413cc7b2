import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { err, ok, type Result } from '@mesita/sdk/base';
import {
  type ContainerLogger,
  type ContainerStream,
  defineModule,
  type Infer,
  param,
} from '@mesita/sdk/module';
import type { Environment } from '@mesita/sdk/types';
import { rotateScript } from './rotate-script.ts';

const PAGE_BYTES = 4096;

const size = param.bytes({ default: '10MB', help: 'Largest size of one file; at least a page.' });
const options = param.string({ help: "Lines for logrotate's configuration, such as 'rotate 9'." });

/** What a task may change for itself. */
const settings = {
  max_stdout_size: size,
  logrotate_stdout_options: options,
  max_stderr_size: size,
  logrotate_stderr_options: options,
};
type Settings = Infer<typeof settings>;

/** Keeps the files of the sandbox below a size: logrotate moves them away when they are full. */
export const logrotateContainerLogger = defineModule({
  kind: 'ContainerLogger',
  name: 'org_apache_mesos_LogrotateContainerLogger',
  description: 'stdout and stderr of bounded size, rotated by logrotate',
  parameters: {
    ...settings,
    environment_variable_prefix: param.string({
      default: 'CONTAINER_LOGGER_',
      help: "What begins the variables of a task's environment that replace the four above.",
    }),
    launcher_dir: param.string({ help: 'Has no effect: there is no program to be found.' }),
    logrotate_path: param.string({ default: 'logrotate', help: 'The logrotate to be run.' }),
    libprocess_num_worker_threads: param.int({ default: 8, min: 1, help: 'Has no effect.' }),
  },
  async create(_context, parameters): Promise<ContainerLogger> {
    const { environment_variable_prefix: prefix, logrotate_path: logrotate } = parameters;
    const tooSmall = findTooSmall(parameters);
    if (tooSmall !== undefined) throw new Error(tooSmall);
    await probe(logrotate);
    return {
      prepare(_id, { commandInfo, directory }) {
        const own = readOverrides(prefix, parameters, commandInfo.environment?.variables ?? []);
        if (!own.ok) throw new Error(`Failed to load executor logger settings: ${own.error}`);
        const stream = (name: 'stdout' | 'stderr'): ContainerStream => ({
          type: 'command',
          argv: [
            ...['/bin/sh', '-c', rotateScript, 'mesita-logrotate', join(directory, name)],
            String(own.value[`max_${name}_size`]),
            logrotate,
            own.value[`logrotate_${name}_options`] ?? '',
          ],
          // The sandbox is the task's: whoever else writes there could be led elsewhere.
          asContainerUser: true,
        });
        return { stdout: stream('stdout'), stderr: stream('stderr') };
      },
    };
  },
});

function findTooSmall({ max_stdout_size, max_stderr_size }: Settings): string | undefined {
  if (Math.min(max_stdout_size, max_stderr_size) >= PAGE_BYTES) return undefined;
  return `Expected --max_stdout_size and --max_stderr_size of at least ${PAGE_BYTES} bytes`;
}

async function probe(logrotate: string): Promise<void> {
  const run = async (what: string, program: string, args: readonly string[]) => {
    try {
      await promisify(execFile)(program, args, { timeout: 10_000 });
    } catch (cause) {
      throw new Error(`Failed to check ${what}: ${(cause as Error).message.trim()}`, { cause });
    }
  };
  await run('logrotate', logrotate, ['--help']);
  const flags = ['iflag=count_bytes', 'count=1', 'oflag=append,nofollow', 'conv=notrunc'];
  await run('dd, which must be that of GNU', 'dd', ['if=/dev/null', 'of=/dev/null', ...flags]);
}

/**
 * What a task may tell logrotate. Others name programs, files or users, and logrotate runs outside
 * of the container.
 */
const harmless = new Set(
  (
    'rotate start maxage compress nocompress delaycompress nodelaycompress compressext ' +
    'dateext nodateext dateformat missingok nomissingok ifempty notifempty copytruncate'
  ).split(' '),
);

function findHarmful(options = ''): string | undefined {
  const words = options.split('\n').map((line) => line.trim().split(/[\s={}]/)[0] ?? '');
  return words.find((word) => word !== '' && !harmless.has(word));
}

/** The task's own settings over the module's. One that nobody knows is a mistake worth telling. */
function readOverrides(
  prefix: string,
  base: Settings,
  variables: readonly Environment.Variable[],
): Result<Settings> {
  const own: Record<string, unknown> = {};
  for (const { name, value = '' } of variables) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length).toLowerCase();
    if (!isSetting(key)) return err(`Failed to load unknown flag '${key}'`);
    const parsed = settings[key].parse(value);
    if (!parsed.ok) return err(`Failed to load flag '${key}': ${parsed.error}`);
    const harmful = key.endsWith('options') ? findHarmful(value) : undefined;
    if (harmful !== undefined) return err(`'${harmful}' is not for a task to set`);
    own[key] = parsed.value;
  }
  const merged = { ...base, ...own };
  const tooSmall = findTooSmall(merged);
  return tooSmall === undefined ? ok(merged) : err(tooSmall);
}

function isSetting(key: string): key is keyof Settings {
  return Object.hasOwn(settings, key);
}
