import type { Result } from '@mesita/sdk/base';
import type { Call, Response } from '@mesita/sdk/types/agent';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import type { MessageType } from '../../net/media-types.ts';
import type { Accepted } from './media-types.ts';
import type { AgentSurface } from './surface.ts';

/** A message of the API, rendered in the type the client accepts; or a whole answer. */
export type Answer = Omit<Response, 'type'> | HttpResponse;

export interface ApiRequest extends HttpRequest {
  /** What the client takes: the answer, or the records of an answer that goes on. */
  readonly accepted: Accepted;
  /** Behind the first record, which was the call; of a request of many. */
  readonly records: AsyncIterator<Result<Uint8Array, HttpResponse>>;
  /** The type of each of them. */
  readonly recordType: MessageType;
}

/** Answers one type of call, which was found valid. What it throws becomes a 500 with its text. */
export type Handler = (
  surface: AgentSurface,
  call: Call,
  request: ApiRequest,
) => Answer | Promise<Answer>;

export type Handlers = Partial<Record<NonNullable<Call['type']>, Handler>>;
