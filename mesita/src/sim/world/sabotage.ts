/** Ways to break the code on purpose: a checker that was never seen to fail is not trusted. */
export const sabotages = {
  'fence-open': 'the store takes what a replaced leader writes',
  'term-endless': 'a master does not ask whether it still leads',
  'commit-unwritten': 'a master is told that a change is durable before it is written',
  'update-unwritten': 'an agent answers for updates that it does not keep',
  'update-unsent': 'an agent drops the last update of a task',
  'acknowledgement-invented': 'an agent goes on as if every update were acknowledged',
  'launch-repeated': 'an agent starts the same command in two containers',
  'resources-unreturned': 'the allocator is not told what came back',
  'offer-unsent': 'a master keeps its offers to itself',
  'end-invented': 'an executor says of a failed command that it finished',
} as const;

export type Sabotage = keyof typeof sabotages;
