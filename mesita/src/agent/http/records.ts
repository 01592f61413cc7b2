import { err, ok, type Result } from '@mesita/sdk/base';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { failure } from '../../net/responses.ts';
import { DecodeError } from '../../wire/errors.ts';
import { createRecordDecoder } from '../../wire/recordio.ts';

/** Calls are small, and so is what people type. */
const maxRecordBytes = 1024 * 1024;

type Records = AsyncGenerator<Result<Uint8Array, HttpResponse>, undefined>;

/** The records of a request's body, or why there is no more of them. */
export async function* readRecords(request: Pick<HttpRequest, 'chunks'>): Records {
  const decoder = createRecordDecoder(maxRecordBytes);
  // Leaving a `for await` would end the connection before it got its answer.
  const chunks = request.chunks()[Symbol.asyncIterator]();
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    let records: readonly Uint8Array[];
    try {
      records = decoder.push(next.value);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      yield err(failure(500, `Decoder failure: ${error.message}`));
      return undefined;
    }
    for (const record of records) yield ok(record);
  }
  return undefined;
}

/** The call that a request of many records begins with. */
export async function takeFirst(records: Records): Promise<Result<Uint8Array, HttpResponse>> {
  const { value } = await records.next();
  return value ?? err(failure(400, 'Received EOF while reading request body'));
}
