import { err, ok } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { startUp } from '../../../src/flags/startup.ts';
import { masterProgram } from '../../../src/master/flags.ts';

const manifest = '{"libraries": {"file": "a.ts", "modules": {"name": "M"}}}';

/** The manifest that a master is given, where it lies, and what it warns of. */
function given(value: string) {
  const startup = startUp(
    masterProgram,
    {
      argv: ['--registry=in_memory', '--ip=10.0.0.1', `--modules=${value}`],
      env: {},
      prefix: 'MESOS_',
      readFile: (path) => (path === '/m.json' ? ok(manifest) : err('No such file or directory')),
    },
    'v',
  );
  if (startup.kind !== 'run') return [startup.stderr.split('\n')[0]];
  const { values, files, warnings } = startup;
  return [
    values.modules?.libraries[0]?.modules[0]?.name,
    files.get('modules'),
    warnings.filter((text) => /absolute path|deprecated/i.test(text)).length,
  ];
}

test('§2.1 --modules is JSON, file:// with a path, or a path, which is warned of', () => {
  expect([given(manifest), given('file:///m.json'), given('/m.json')]).toEqual([
    ['M', undefined, 0],
    ['M', '/m.json', 0],
    ['M', '/m.json', 1],
  ]);
  expect(given('file:///nosuch')[0]).toContain("Error reading file '/nosuch'");
});
