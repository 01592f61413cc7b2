import type { scheduler } from '@mesita/sdk/types';

/** As a sentence about the agent: `attribute rack must be r1`, `region must match us-.*`. */
export function describeConstraint({ selector, predicate }: scheduler.AttributeConstraint): string {
  const { attributeName, pseudoattributeType = '' } = selector;
  const subject =
    attributeName === undefined ? pseudoattributeType.toLowerCase() : `attribute ${attributeName}`;
  return `${subject} ${describePredicate(predicate)}`;
}

function describePredicate({
  exists,
  notExists,
  textEquals,
  textNotEquals,
  textMatches,
  textNotMatches,
}: scheduler.AttributeConstraint.Predicate): string {
  if (exists !== undefined) return 'must be there';
  if (notExists !== undefined) return 'must not be there';
  if (textEquals !== undefined) return `must be ${textEquals.value}`;
  if (textNotEquals !== undefined) return `must not be ${textNotEquals.value}`;
  if (textMatches !== undefined) return `must match ${textMatches.regex}`;
  return `must not match ${textNotMatches?.regex}`;
}
