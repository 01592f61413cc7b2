import { expect, test } from 'vitest';
import { createTerminal, lineSplitter } from './terminal.ts';

function recorder(isTTY: boolean) {
  let text = '';
  return { isTTY, write: (part: string) => (text += part), read: () => text };
}

test('without a terminal only lines are written, plain', () => {
  const output = recorder(false);
  const terminal = createTerminal(output, {});
  terminal.status('1/2');
  terminal.line(terminal.bold('done'));
  expect(output.read()).toBe('done\n');
});

test('on a terminal the status stays below the lines', () => {
  const output = recorder(true);
  const terminal = createTerminal(output, { NO_COLOR: '1' });
  terminal.status('1/2');
  terminal.line('a');
  terminal.status('2/2');
  terminal.status('');
  expect(output.read()).toBe('1/2\r\x1b[2Ka\n1/2\r\x1b[2K2/2\r\x1b[2K');
});

test('lines may come in any pieces, in the middle of a character too', () => {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const byte of Buffer.from('ä\nb\n\nc')) splitter.push(Uint8Array.of(byte));
  splitter.end();
  expect(lines).toEqual(['ä', 'b', '', 'c']);
});
