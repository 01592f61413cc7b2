import process from 'node:process';
import { formatStory, runCase, suiteOf, type Verdict } from '@mesita/sdk/conformance';
import { createTerminal, type Terminal } from '../terminal.ts';
import { type ModuleOptions, openModule } from './open.ts';
import { createStage } from './subject.ts';

/** Runs the suite of the module's kind. Resolves with the exit status. */
export async function testModule(file: string, options: ModuleOptions): Promise<number> {
  const terminal = createTerminal(process.stdout, process.env);
  const opened = await openModule(file, options);
  const stage = await createStage(opened);
  terminal.line(`${terminal.bold(opened.module.name)} as ${opened.kind}, in home ${opened.home}`);
  const verdicts: Verdict[] = [];
  try {
    for (const each of suiteOf(opened.kind).cases) {
      terminal.status(`  … ${each.name}`);
      const verdict = await runCase(each, stage.subject);
      verdicts.push(verdict);
      terminal.status('');
      tell(verdict, terminal);
    }
  } finally {
    await stage.end();
  }
  const count = (state: Verdict['state']) => verdicts.filter((v) => v.state === state).length;
  const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : '';
  terminal.line(`${count('passed')} passed, ${count('failed')} failed${skipped}`);
  return count('failed') === 0 ? 0 : 1;
}

function tell(verdict: Verdict, terminal: Terminal): void {
  if (verdict.state === 'passed') return terminal.line(`  ${terminal.green('✓')} ${verdict.name}`);
  if (verdict.state === 'skipped') {
    return terminal.line(terminal.dim(`  - ${verdict.name} (${verdict.reason})`));
  }
  terminal.line(`  ${terminal.red('✗')} ${verdict.name}`);
  for (const line of formatStory(verdict.story).split('\n')) terminal.line(`      ${line}`);
}
