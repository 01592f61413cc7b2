// Numbers of any size and sign become integers, since Mesos refuses none: those of 64 bits wrap
// around, as C++ has it; what C++ leaves undefined, fractions and numbers beyond, ends at the limit.

const two63 = 2 ** 63;

export function toInt64(value: number | bigint): bigint {
  return BigInt.asIntN(64, whole(value, -(2n ** 63n), 2n ** 63n - 1n));
}

export function toUint64(value: number | bigint): bigint {
  return BigInt.asUintN(64, whole(value, 0n, 2n ** 64n - 1n));
}

export function toInt32(value: number | bigint): number {
  return Number(BigInt.asIntN(32, whole(value, -(2n ** 31n), 2n ** 31n - 1n)));
}

export function toUint32(value: number | bigint): number {
  return Number(BigInt.asUintN(32, whole(value, 0n, 2n ** 32n - 1n)));
}

function whole(value: number | bigint, least: bigint, most: bigint): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isInteger(value) && value >= -two63 && value < two63) return BigInt(value);
  const cut = Math.trunc(value);
  if (!(cut > Number(least))) return least;
  return cut >= Number(most) ? most : BigInt(cut);
}
