/** Complains when both flags are set, the way Mesos does. */
export function onlyOneOf(
  [first, firstValue]: readonly [string, unknown],
  [second, secondValue]: readonly [string, unknown],
): string | undefined {
  if (firstValue === undefined || secondValue === undefined) return undefined;
  return `Only one of ${first} or ${second} should be specified`;
}
