// `npm run check`: every rule of the house that a machine can see, in under two minutes.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { checkExports } from './exports.ts';
import { checkLayers } from './layers.ts';
import { checkLinks } from './links.ts';
import { type Finding, readSources } from './source.ts';
import { checkTidiness } from './tidy.ts';

const sources = readSources();
const node = (...args: string[]) => command(process.execPath, args);

const checks: readonly [string, () => Finding[]][] = [
  ['types', () => node('node_modules/typescript/bin/tsc')],
  [
    'lint and format',
    () =>
      node(
        'node_modules/@biomejs/biome/bin/biome',
        'ci',
        '--colors=off',
        '--error-on-warnings',
        '.',
      ),
  ],
  ['layers', () => checkLayers(sources)],
  ['tidiness', () => checkTidiness(sources)],
  ['dead exports', () => checkExports(sources)],
  ['document links', checkLinks],
  [
    'generated code',
    () =>
      node('--conditions=mesita-source', '--import', 'tsx', 'tools/generate/main.ts', '--check'),
  ],
];

function command(program: string, args: string[]): Finding[] {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return status === 0 ? [] : `${stdout}${stderr}`.trimEnd().split('\n');
}

let failed = 0;
for (const [name, check] of checks) {
  const started = performance.now();
  const findings = check();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  for (const finding of findings.slice(0, 60)) process.stdout.write(`     ${finding}\n`);
  if (findings.length > 60) process.stdout.write(`     … and ${findings.length - 60} more\n`);
  if (findings.length > 0) failed++;
}
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
