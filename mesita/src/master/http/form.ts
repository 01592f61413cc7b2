import { err, ok, type Result } from '@mesita/sdk/base';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { failure } from '../../net/responses.ts';

/** A body as forms of browsers send it, whatever its media type says. The error is the answer 400. */
export async function readForm(
  request: HttpRequest,
): Promise<Result<URLSearchParams, HttpResponse>> {
  const text = Buffer.from(await request.body()).toString('utf8');
  const malformed = text.split(/[&;=]/).find((part) => badEscape.test(part));
  if (malformed === undefined) return ok(new URLSearchParams(text));
  const bad = malformed.slice(malformed.search(badEscape)).slice(0, 3);
  const reason = `Malformed % escape in '${malformed}': '${bad}'`;
  return err(failure(400, `Unable to decode query string: ${reason}`));
}

const badEscape = /%(?![\da-f]{2})/i;
