import { err, ok, type Result } from '@mesita/sdk/base';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { failure } from '../../net/responses.ts';
import { DecodeError } from '../../wire/errors.ts';
import { createRecordDecoder } from '../../wire/recordio.ts';

/** A call is small; what follows it in the stream is not read here. */
const maxCallBytes = 1024 * 1024;

/** The call that a request of many records begins with. */
export async function readFirstRecord(
  request: Pick<HttpRequest, 'chunks'>,
): Promise<Result<Uint8Array, HttpResponse>> {
  const decoder = createRecordDecoder(maxCallBytes);
  // Leaving a `for await` would end the connection before it got its answer.
  const chunks = request.chunks()[Symbol.asyncIterator]();
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    try {
      const [first] = decoder.push(next.value);
      if (first) return ok(first);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return err(failure(500, `Decoder failure: ${error.message}`));
    }
  }
  return err(failure(400, 'Received EOF while reading request body'));
}
