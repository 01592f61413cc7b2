import type { Random } from '@mesita/sdk/base';

/** Chance from a seed. Forks by name are independent: one more draw here changes nothing there. */
export interface SeededRandom extends Random {
  between(least: number, most: number): number;
  /** 0 … count - 1. */
  index(count: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  exponential(mean: number): number;
  fork(name: string): SeededRandom;
}

export function createRandom(seed: string): SeededRandom {
  const next = smallFastCounter(seed);
  const index = (count: number) => Math.floor(next() * count);
  return {
    next,
    index,
    uuid: () => uuidOf(() => Math.floor(next() * 0x1_0000_0000)),
    between: (least, most) => least + next() * (most - least),
    chance: (probability) => next() < probability,
    pick: (list) => list[index(list.length)] as (typeof list)[number],
    exponential: (mean) => -mean * Math.log(1 - next()),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}

/** The generator known as sfc32, its state filled from the text. */
function smallFastCounter(seed: string): () => number {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const step = () => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < seed.length; i++) {
    a ^= seed.charCodeAt(i);
    step();
  }
  for (let i = 0; i < 15; i++) step();
  return () => step() / 0x1_0000_0000;
}

function uuidOf(word: () => number): string {
  const hex = Array.from({ length: 4 }, () => word().toString(16).padStart(8, '0')).join('');
  const variant = '89ab'[Number.parseInt(hex[16] as string, 16) & 3];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
