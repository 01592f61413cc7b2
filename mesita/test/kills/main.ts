// `npm run kills -- --rounds 1000 --seed 7`: the agent is killed again and again, and nothing may
// be lost, left or done twice.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { describeRound, planRounds, playRounds } from './matrix.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    /** Only this one of them. */
    round: { type: 'string' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const only = values.round === undefined ? undefined : Number(values.round);
const rounds = planRounds(Number(values.seed), Number(values.rounds)).filter(
  ({ number }) => only === undefined || number === only,
);

const started = Date.now();
const reached = new Set<string>();
let played = 0;
let deaths = 0;
let failures = 0;
await playRounds(rounds, (round, { died, problems }) => {
  played++;
  if (died) {
    deaths++;
    reached.add(round.point.name);
  }
  if (problems.length > 0) {
    failures++;
    say(`FAILED ${describeRound(round)}${died ? '' : ' (not reached)'}`);
    for (const problem of problems) say(`  ${problem}`);
  }
  if (only !== undefined && problems.length === 0)
    say(`ok ${describeRound(round)}${died ? '' : ' (not reached)'}`);
  if (played % 25 === 0) {
    const seconds = (Date.now() - started) / 1000;
    say(
      `${played} rounds, ${deaths} deaths at ${reached.size} points, ${failures} failed, ${seconds.toFixed(0)} s`,
    );
  }
  return failures < 10;
});
say(`${played} rounds, ${deaths} deaths at ${reached.size} points, ${failures} failed`);
const chosen = new Set(rounds.slice(0, played).map(({ point }) => point.name));
const missed = [...chosen].filter((name) => !reached.has(name));
if (missed.length > 0) say(`never reached: ${missed.join(', ')}`);
process.exitCode = failures === 0 ? 0 : 1;
