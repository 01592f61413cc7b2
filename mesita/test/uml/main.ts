// `npm run test:uml [filter…]`
import process from 'node:process';
import { canBootUml, runTestsInUml } from './boot.ts';

if (!canBootUml()) process.exit(0);
process.stdout.write('booting User-Mode Linux…\n');
const status = await runTestsInUml(process.argv.slice(2), (line) =>
  process.stdout.write(`${line}\n`),
);
if (status === undefined) process.stderr.write('test:uml: it ended before its tests did\n');
process.exit(status ?? 1);
