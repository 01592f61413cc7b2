/** One instruction of a classic BPF program. */
export interface Instruction {
  readonly code: number;
  /** How many instructions to skip when the comparison holds, and when it does not. */
  readonly onTrue?: number;
  readonly onFalse?: number;
  readonly value: number;
}

const codes = { load: 0x20, and: 0x54, jump: 0x05, equal: 0x15, greater: 0x25, atLeast: 0x35 };
const farthest = 255;

export type Comparison = 'equal' | 'greater' | 'atLeast';

/** Loads four bytes of what the filter is asked about. */
export const load = (offset: number): Instruction => ({ code: codes.load, value: offset });
export const and = (mask: number): Instruction => ({ code: codes.and, value: mask });
export const answer = (value: number): Instruction => ({ code: 0x06, value });

export function compare(
  comparison: Comparison,
  value: number,
  onTrue: number,
  onFalse: number,
): Instruction {
  return { code: codes[comparison], value, onTrue, onFalse };
}

/** Goes on with `yes` when the comparison holds, else with `no`. Both must end in an answer. */
export function branch(
  comparison: Comparison,
  value: number,
  yes: readonly Instruction[],
  no: readonly Instruction[],
): Instruction[] {
  if (no.length <= farthest) return [compare(comparison, value, no.length, 0), ...no, ...yes];
  // A conditional jump is too short: an unconditional one is taken.
  return [compare(comparison, value, 0, 1), { code: codes.jump, value: no.length }, ...no, ...yes];
}

/** As the kernel takes it, on the little-endian machines that Node runs on. */
export function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * program.length);
  const view = new DataView(bytes.buffer);
  for (const [at, { code, onTrue = 0, onFalse = 0, value }] of program.entries()) {
    view.setUint16(8 * at, code, true);
    view.setUint8(8 * at + 2, onTrue);
    view.setUint8(8 * at + 3, onFalse);
    view.setUint32(8 * at + 4, value, true);
  }
  return bytes;
}
