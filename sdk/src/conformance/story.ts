/** What a case tells when the module does otherwise. */
export interface Story {
  readonly given: string;
  readonly when: string;
  readonly expected: string;
  readonly got: string;
}

/** The module does otherwise. Only `scene.expect` and its kin throw it. */
export class Breach extends Error {
  readonly story: Story;

  constructor(story: Story) {
    super(formatStory(story));
    this.name = 'Breach';
    this.story = story;
  }
}

/** The case asks for what this module, or this test of it, does not have. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

export function formatStory({ given, when, expected, got }: Story): string {
  const lines = [
    ['given', given],
    ['when', when],
    ['expected', expected],
    ['got', got],
  ] as const;
  return lines
    .filter(([, text]) => text !== '')
    .map(([word, text]) => `${word.padEnd(9)} ${text}`)
    .join('\n');
}

const MAX_SHOWN = 400;

/** Any value in one line, cut where it gets long. */
export function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return cut(JSON.stringify(value));
  return cut(write(value));
}

function write(value: unknown): string {
  try {
    return JSON.stringify(value, replace) ?? String(value);
  } catch {
    return String(value);
  }
}

function replace(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return '(function)';
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (value instanceof Error) return show(value);
  return value;
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
