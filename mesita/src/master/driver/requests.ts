import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import type { MessageType } from '../../net/media-types.ts';
import { empty, text } from '../../net/responses.ts';
import type { OpenStream, RequestId, Respond } from '../core/effects.ts';
import type { Streams } from './streams.ts';

interface OpenRequest {
  readonly accept: MessageType;
  readonly signal: AbortSignal;
  readonly answer: (response: HttpResponse) => void;
}

export interface Requests {
  /** Names a request and promises its answer. */
  open(
    accept: MessageType,
    request: Pick<HttpRequest, 'signal'>,
    post: (id: RequestId) => void,
  ): Promise<HttpResponse>;
  respond(effect: Respond): void;
  openStream(effect: OpenStream, streams: Pick<Streams<never>, 'open'>): void;
}

/** HTTP requests that wait for the core's answer. */
export function createRequests(): Requests {
  const waiting = new Map<RequestId, OpenRequest>();
  let next = 0;

  function answer(id: RequestId, make: (request: OpenRequest) => HttpResponse): void {
    const request = waiting.get(id);
    waiting.delete(id);
    if (request) request.answer(make(request));
  }

  return {
    open(accept, { signal }, post) {
      const id: RequestId = `r${next++}`;
      return new Promise((resolve) => {
        waiting.set(id, { accept, signal, answer: resolve });
        post(id);
      });
    },
    respond({ requestId, status, body }) {
      answer(requestId, () => (body === undefined ? empty(status) : text(body, status)));
    },
    openStream({ requestId, stream }, streams) {
      answer(requestId, ({ accept, signal }) => streams.open(stream, accept, signal));
    },
  };
}
