// Replays how the real daemons took their flags: 170 starts, recorded from Mesos.
import { err, ok } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { agentProgram } from '../../../src/agent/flags.ts';
import type { Source } from '../../../src/flags/load.ts';
import { startUp } from '../../../src/flags/startup.ts';
import { masterProgram } from '../../../src/master/flags.ts';
import {
  PATH,
  type RecordedStart,
  recordedMessage,
  recordedStarts as starts,
  startsOfModules,
} from '../../harness/recorded-starts.ts';

const BASE = {
  master: '--ip=127.0.0.1 --port=5050 --registry=in_memory --work_dir=/w --hostname=localhost',
  agent:
    '--ip=127.0.0.1 --port=5051 --master=127.0.0.1:5050 --work_dir=/w --runtime_dir=/r --launcher_dir=/l --no-systemd_enable_support --launcher=posix --isolation=posix/cpu,posix/mem --containerizers=mesos --hostname=localhost --fetcher_cache_dir=/f',
};

/** What the recorded files held; the recording keeps neither their content nor their paths. */
const FILES: Readonly<Record<string, string>> = { ST042: '7secs', ST049: '{', ST123: '{' };

interface Outcome {
  readonly status: number | string;
  readonly message: string;
  readonly shown: Readonly<Record<string, string | null>>;
  readonly warnings: readonly string[];
}

function replay({
  id,
  daemon,
  args,
  without = [],
  env = {},
  flags_shown = {},
}: RecordedStart): Outcome {
  const base = BASE[daemon].split(' ').filter((flag) => !without.includes(flag.split('=')[0]!));
  const source: Source = {
    argv: [...base, ...args],
    env,
    prefix: 'MESOS_',
    readFile: (path) => {
      const content = path === PATH ? FILES[id] : undefined;
      return content === undefined ? err('No such file or directory') : ok(content);
    },
  };
  const startup =
    daemon === 'master'
      ? startUp(masterProgram, source, '<VERSION>')
      : startUp(agentProgram, source, '<VERSION>');
  if (startup.kind === 'run') {
    const shown = Object.keys(flags_shown).map((name) => [name, startup.shown.get(name) ?? null]);
    return {
      status: 'running',
      message: '',
      shown: Object.fromEntries(shown),
      warnings: startup.warnings,
    };
  }
  const message = startup.stderr.split('\n', 1)[0]!.replace('EXIT with status 1: ', '').trim();
  return { status: startup.status, message, shown: {}, warnings: [] };
}

function recorded(start: RecordedStart): Outcome {
  const { outcome, status = 0, flags_shown = {}, warnings = [] } = start;
  if (outcome === 'running') {
    const texts = warnings.map((text) => text.replace('W> ', ''));
    return { status: 'running', message: '', shown: flags_shown, warnings: texts };
  }
  return { status, message: recordedMessage(start), shown: {}, warnings: [] };
}

test('answers as Mesos did, but where the list says otherwise', async () => {
  const lines: string[] = [];
  let [equal, loading] = [0, 0];
  for (const start of starts) {
    const [ours, theirs] = [replay(start), recorded(start)];
    if (JSON.stringify(ours) === JSON.stringify(theirs)) equal += 1;
    else if (start.id in startsOfModules) loading += 1;
    else {
      lines.push(
        `${start.id} ${start.daemon} ${start.args.join(' ')}`,
        `  Mesos:  ${theirs.status} ${theirs.message}`,
        `  Mesita: ${ours.status} ${ours.message}`,
      );
    }
  }
  lines.unshift(
    `${equal} of ${starts.length} starts are equal. ${loading} more are about modules and what else is found out by making it: the daemons themselves are held to them, in system/module-starts.test.ts. The others need a part that is not built, or differ on purpose.`,
    '',
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('testdata/different-starts.txt');
});

test('every difference is a refusal, never a start that Mesos refuses', () => {
  const bolder = starts.filter(
    (start) => start.outcome === 'exited' && replay(start).status === 'running',
  );
  expect(bolder.map(({ id }) => id).filter((id) => !(id in startsOfModules))).toEqual([]);
});
