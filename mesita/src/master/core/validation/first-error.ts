export function prefixed(prefix: string, error: string | undefined): string | undefined {
  return error === undefined ? undefined : `${prefix}: ${error}`;
}

/** The first complaint about an element of the list. */
export function firstError<T>(
  list: readonly T[],
  validate: (element: T) => string | undefined,
): string | undefined {
  for (const element of list) {
    const error = validate(element);
    if (error !== undefined) return error;
  }
  return undefined;
}
