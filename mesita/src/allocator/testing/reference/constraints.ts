import type { AgentInfo, scheduler } from '@mesita/sdk/types';

/** Whether an agent is kept from a role: §9 for attributes and host names, without patterns. */
export function isExcluded(
  constraints: scheduler.OfferConstraints | undefined,
  role: string,
  info: AgentInfo,
): boolean {
  const groups = constraints?.roleConstraints?.[role]?.groups;
  if (groups === undefined) return false;
  return !groups.some(({ attributeConstraints }) =>
    (attributeConstraints ?? []).every((constraint) => holds(constraint, info)),
  );
}

function holds(
  { selector, predicate }: scheduler.AttributeConstraint,
  { attributes, hostname }: AgentInfo,
): boolean {
  const named = (attributes ?? []).filter(({ name }) => name === selector.attributeName);
  const isHost = selector.pseudoattributeType === 'HOSTNAME';
  const exists = isHost || named.length > 0;
  // Of several of one name the first counts; what is no text passes where there is something to compare.
  const text = isHost ? hostname : named[0]?.text?.value;
  if (predicate.exists) return exists;
  if (predicate.notExists) return !exists;
  if (predicate.textEquals) {
    if (!exists) return false;
    return text === undefined || text === predicate.textEquals.value;
  }
  if (predicate.textNotEquals)
    return !exists || text === undefined || text !== predicate.textNotEquals.value;
  throw new Error('a predicate the reference does not read');
}
