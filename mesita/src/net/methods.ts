import type { HttpResponse } from './http.ts';
import { failure } from './responses.ts';

/** Undefined when `method` is one of `allowed`, in the order the answer shall name them. */
export function refuseMethod(
  method: string,
  ...allowed: readonly string[]
): HttpResponse | undefined {
  if (allowed.includes(method)) return undefined;
  const names = allowed.map((name) => `'${name}'`).join(', ');
  const { status, headers, body } = failure(
    405,
    `405 Method Not Allowed. Expecting one of { ${names} }, but received '${method}'.`,
  );
  return { status, headers: { ...headers, Allow: allowed.join(', ') }, body: body as string };
}
