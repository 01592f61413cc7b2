// Runs commands of the operator around containers: before they start, when they are gone, to measure
// them, and beside them: when that one exits, the container broke a limit.
import { type ChildProcess, spawn } from 'node:child_process';
import { defineModule, type Isolator, param } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';

const command = (help: string) => param.string({ help });

export default defineModule({
  kind: 'Isolator',
  name: 'org_example_CommandIsolator',
  description: 'Runs commands at prepare, watch, usage and cleanup',
  parameters: {
    prepare: command('Run before a container starts; a status other than 0 fails the launch.'),
    watch: command('Run beside each container; when it exits, the container is ended.'),
    usage: command('Prints how many bytes of memory the container uses.'),
    cleanup: command('Run when a container is gone.'),
  },
  create({ containers, log }, commands): Isolator {
    const environmentOf = (id: ContainerID) => ({
      CONTAINER_ID: id.value,
      DIRECTORY: (containers.get(id) as { directory: string } | undefined)?.directory ?? '',
    });
    const at = (moment: keyof typeof commands, id: ContainerID, signal?: AbortSignal) =>
      commands[moment] === undefined
        ? undefined
        : run(commands[moment], environmentOf(id), (line) => log.info(line, { moment }), signal);
    return {
      async prepare(id, { directory }) {
        await containers.set(id, { directory });
        const ended = await at('prepare', id);
        if (ended && ended.status !== 0) throw new Error(`prepare exited with ${ended.status}`);
        return undefined;
      },
      ...(commands.watch !== undefined && {
        async watch(id: ContainerID, signal: AbortSignal) {
          const ended = await at('watch', id, signal);
          const message = ended?.output.trim() || `watch exited with ${ended?.status}`;
          return { reason: 'REASON_CONTAINER_LIMITATION' as const, message };
        },
      }),
      ...(commands.usage !== undefined && {
        async usage(id: ContainerID) {
          const bytes = Number((await at('usage', id))?.output);
          return Number.isSafeInteger(bytes) ? { memRssBytes: bytes } : {};
        },
      }),
      async cleanup(id) {
        const ended = await at('cleanup', id);
        if (ended && ended.status !== 0) log.warn('cleanup failed', { status: ended.status });
      },
    };
  },
});

interface Ended {
  readonly status: number | string;
  readonly output: string;
}

const MAX_OUTPUT = 64 << 10;

/** In a session of its own, so that what it started ends with it. Rejects when it is aborted. */
function run(
  text: string,
  environment: Readonly<Record<string, string>>,
  onError: (line: string) => void,
  signal?: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const child = spawn('sh', ['-c', text], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (bytes) => {
      output = `${output}${bytes}`.slice(0, MAX_OUTPUT);
    });
    child.stderr.on('data', (bytes) => onError(String(bytes).trim().slice(0, 1_000)));
    child.once('error', reject);
    child.once('close', (code, name) => resolve({ status: code ?? name ?? 'unknown', output }));
    const stop = () => {
      end(child);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function end({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
