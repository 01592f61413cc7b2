/** What a person is told, in one line each: what went wrong and where, and what to do about it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly advice: string | undefined;

  constructor(text: string, advice?: string, options?: ErrorOptions) {
    super(text, options);
    this.advice = advice;
  }
}

/** Any error, for people: the chain of causes in one line, and advice where there is one. */
export function explain(error: unknown): string {
  const texts: string[] = [];
  let advice: string | undefined;
  for (let each: unknown = error; each instanceof Error && texts.length < 5; each = each.cause) {
    if (each.message !== '' && !texts.includes(each.message)) texts.push(each.message);
    if (each instanceof Problem) advice ??= each.advice;
  }
  const text = texts.length === 0 ? String(error) : texts.join(': ');
  return advice === undefined ? text : `${text}\n${advice}`;
}
