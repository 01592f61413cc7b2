// The old endpoints speak of slaves where the model says agent.

export type Words = 'v1' | 'v0';

interface Wording {
  readonly member: (name: string) => string;
  readonly enumName: (name: string) => string;
}

const same: Wording = { member: (name) => name, enumName: (name) => name };
const slave: Wording = {
  member: (name) => name.replaceAll('agent', 'slave'),
  enumName: (name) => name.replaceAll('AGENT', 'SLAVE'),
};

export function wordsOf(words: Words): Wording {
  return words === 'v0' ? slave : same;
}
