import { expect, test } from 'vitest';
import { createBreathing } from './breathing.ts';

test('steps share a turn until they took too long, and go on in the next one', async () => {
  let nowMs = 0;
  let turn = 0;
  const breathe = createBreathing(() => nowMs);
  const turns: number[] = [];
  const step = async (): Promise<void> => {
    await breathe();
    nowMs += 4;
    turns.push(turn);
  };
  const all = Promise.all(Array.from({ length: 7 }, step));
  const count = (): void => {
    turn++;
    if (turns.length < 7) setImmediate(count);
  };
  setImmediate(count);
  await all;
  const perTurn = [...new Set(turns)].map((each) => turns.filter((one) => one === each).length);
  expect(perTurn).toEqual([3, 3, 1]);
});
