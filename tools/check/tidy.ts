// Style that a machine can see. Function length is biome's rule; the rest is here.
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Finding, isGenerated, isTest, listFiles, type SourceFile } from './source.ts';

const limits = { max: 800, p95: 450, readme: 40 };

/** Words that say that something is unfinished, or name what only one machine has. */
const banned: readonly [RegExp, string][] = [
  [/\b(TODO|FIXME|XXX|HACK)\b/, 'finish it or write a design note'],
  [/\b(describe|it|test)\.(skip|only|todo)\(/, 'a test runs or does not exist'],
  [/(^|[\s'"`(])\/(work|farm)\//, 'a path of one machine'],
];

export function checkTidiness(files: readonly SourceFile[]): Finding[] {
  const own = files.filter((f) => !isGenerated(f) && !f.path.startsWith('tools/check/'));
  return [...checkSizes(own), ...own.flatMap(checkWords), ...checkReadmes(own), ...checkLock()];
}

function checkSizes(files: readonly SourceFile[]): Finding[] {
  const sized = files
    .filter((f) => !isTest(f.path))
    .map((f) => ({ path: f.path, lines: f.text.split('\n').length }))
    .sort((a, b) => a.lines - b.lines);
  const findings = sized
    .filter((f) => f.lines > limits.max)
    .map((f) => `${f.path}: ${f.lines} lines, at most ${limits.max}; split it by what it knows`);
  const p95 = sized[Math.floor(sized.length * 0.95)]?.lines ?? 0;
  if (p95 > limits.p95) findings.push(`files: 95th percentile ${p95} lines, aim ${limits.p95}`);
  return findings;
}

function checkWords(file: SourceFile): Finding[] {
  return banned
    .filter(([pattern]) => pattern.test(file.text))
    .map(
      ([pattern, reason]) => `${file.path}: '${pattern.exec(file.text)?.[0].trim()}': ${reason}`,
    );
}

/** Every room has a README that fits a screen. */
function checkReadmes(files: readonly SourceFile[]): Finding[] {
  const rooms = new Set(
    files.flatMap((f) => /^(mesita\/src\/[\w-]+|sdk\/src\/[\w-]+)\//.exec(f.path)?.[1] ?? []),
  );
  for (const room of ['mesita/src/master/core', 'mesita/src/agent/core']) rooms.add(room);
  const missing = [...rooms]
    .filter((room) => existsSync(room) && !existsSync(`${room}/README.md`))
    .map((room) => `${room}: has no README.md`);
  const long = listFiles('*README.md')
    .filter((path) => dirname(path) !== '.' && existsSync(path))
    .filter((path) => readFileSync(path, 'utf8').trimEnd().split('\n').length > limits.readme)
    .map((path) => `${path}: longer than ${limits.readme} lines`);
  return [...missing, ...long];
}

function checkLock(): Finding[] {
  const lock = readFileSync('package-lock.json', 'utf8');
  return /"resolved": "https?:/.test(lock)
    ? ['package-lock.json: records download addresses; install with the .npmrc of this folder']
    : [];
}
