import { expect, test } from 'vitest';
import { createHandles } from './handles.ts';

test.each([
  ['x', undefined, "Failed to parse the primary handle 'x'"],
  ['0x12', '1', "Failed to parse the range of secondary handles '1'"],
  ['0x12', 'x,2', 'Failed to parse the lower bound'],
  ['0x12', '0,2', 'non-zero'],
  ['0x12', '3,2', 'is an empty set'],
])('%s %s is refused', (primary, secondary, text) => {
  expect(() => createHandles(primary, secondary)).toThrow(text);
});

test('none is given twice, and what is freed is given again', () => {
  const handles = createHandles('0x12', '1,2');
  handles?.keep(0x120001);
  expect(handles?.take()).toBe(0x120002);
  expect(() => handles?.take()).toThrow('No free handles remaining for primary handle 0x12');
  handles?.free(0x120001);
  expect(handles?.take()).toBe(0x120001);
  expect(createHandles(undefined, undefined)).toBeUndefined();
});
