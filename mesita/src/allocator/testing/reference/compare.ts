// The long comparison: npm run compare -- [clusters] [events] [first seed]
import process from 'node:process';
import { Comparison } from './comparison.ts';

const [clusters = 10_000, events = 100, first = 1] = process.argv.slice(2).map(Number);
let offers = 0;
for (let seed = first; seed < first + clusters; seed++) {
  const comparison = new Comparison(seed);
  comparison.run(events);
  offers += comparison.offers;
  if (seed % 100 === 0) process.stdout.write(`seed ${seed}: ${offers} offers, all equal\n`);
}
process.stdout.write(`${clusters} clusters, ${events} events each: ${offers} offers, all equal\n`);
