import { resolve } from 'node:path';
import process from 'node:process';
import { replayModule } from '../../modules/replay.ts';
import { createTerminal } from '../terminal.ts';
import { parsePair } from './open.ts';

interface ReplayFlags {
  readonly module: string;
  readonly name?: string;
  readonly param: readonly string[];
}

const SHOWN = 20;
const MAX_TEXT = 300;

/** Resolves with 1 when the module answers otherwise than was recorded. */
export async function replayRecording(file: string, flags: ReplayFlags): Promise<number> {
  const terminal = createTerminal(process.stdout, process.env);
  const { calls, equal, differences } = await replayModule({
    file: resolve(file),
    modulePath: resolve(flags.module),
    moduleName: flags.name,
    ...(flags.param.length > 0 && { parameters: flags.param.map(parsePair) }),
  });
  for (const { line, method, expected, got } of differences.slice(0, SHOWN)) {
    terminal.line(`${terminal.red('✗')} ${file}:${line} ${method}`);
    terminal.line(`      recorded  ${show(expected)}`);
    terminal.line(`      now       ${show(got)}`);
  }
  if (differences.length > SHOWN) terminal.line(`  … and ${differences.length - SHOWN} more`);
  terminal.line(`${calls} calls, ${equal} answers equal, ${differences.length} different`);
  return differences.length === 0 ? 0 : 1;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
