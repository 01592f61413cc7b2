import { constants, writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import type { Forker } from './forker.ts';
import { type Answer, createLauncherProcess, parseForked } from './launcher-process.ts';
import { writeSupervisor } from './supervisor-script.ts';

/** Starts each script it is told in the background. It ends with the agent; they do not. */
const launcherScript =
  'while IFS= read -r script; do setsid /bin/sh "$script" </dev/null 2>/dev/null & done';

/**
 * The launcher where nobody compiled the native one: a shell forks, and a shell script supervises
 * each container. native/README.md lists what it cannot do.
 */
export function createShellForker(log: Logger): Forker {
  const launcher = createLauncherProcess(
    { command: '/bin/sh', args: ['-c', launcherScript], createReader: createLineReader },
    log,
  );
  return {
    async fork(spec) {
      const path = join(spec.directory, 'supervise');
      if (path.includes('\n')) throw new Error('Paths must not hold line breaks');
      const text = await launcher.ask((number) => {
        writeFileSync(path, writeSupervisor(spec, number), { mode: 0o600 });
        return `${path}\n`;
      });
      return parseForked(text);
    },
    async release(_forked, directory) {
      const path = join(directory, 'release');
      // Held open by the supervisor: without one there is nobody to release.
      const file = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        await file.write('go\n');
      } finally {
        await file.close();
      }
      // As long as it is there, the process was never released: see recovery.
      await rm(path, { force: true });
    },
    close: () => launcher.close(),
  };
}

/** `<sequence> ok <pid> <supervisor>`, or `<sequence> error <text>`. */
function createLineReader(receive: (answer: Answer) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [sequence = '', kind = '', ...words] = line.split(' ');
      receive({ sequence, kind, text: words.join(' ') });
    }
  };
}
