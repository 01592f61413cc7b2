import { expect, test } from 'vitest';
import { canBootUml, runTestsInUml } from '../uml/boot.ts';

test.runIf(canBootUml())(
  'what only another kernel can show: npm run test:uml',
  async () => {
    const lines: string[] = [];
    const status = await runTestsInUml([], (line) => {
      lines.push(line);
      console.log(line);
    });
    expect(status, lines.join('\n')).toBe(0);
  },
  420_000,
);
