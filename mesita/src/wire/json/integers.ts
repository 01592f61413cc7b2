// Numbers of any size and sign become the integers that C++ casts make of them on x86-64: Mesos
// refuses none. Where C++ leaves a cast undefined, the outcome is the machine's.

const lowest = -(2n ** 63n);
const two63 = 2 ** 63;

export function toInt64(value: number | bigint): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value);
  if (!(value >= -two63 && value < two63)) return lowest;
  return BigInt(Math.trunc(value));
}

export function toUint64(value: number | bigint): bigint {
  if (typeof value === 'number' && value >= two63) return value < 2 * two63 ? BigInt(value) : 0n;
  return BigInt.asUintN(64, toInt64(value));
}

export function toInt32(value: number | bigint): number {
  if (typeof value === 'bigint' || Number.isInteger(value))
    return Number(BigInt.asIntN(32, toInt64(value)));
  const whole = Math.trunc(value);
  return whole >= -(2 ** 31) && whole < 2 ** 31 ? whole : -(2 ** 31);
}
