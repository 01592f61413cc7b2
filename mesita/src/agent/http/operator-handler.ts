import type { Call, Response } from '@mesita/sdk/types/agent';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import type { AgentSurface } from './surface.ts';

/** A message of the API, rendered in the type the client accepts; or a whole answer. */
export type Answer = Omit<Response, 'type'> | HttpResponse;

/** Answers one type of call, which was found valid. What it throws becomes a 500 with its text. */
export type Handler = (
  surface: AgentSurface,
  call: Call,
  request: HttpRequest,
) => Answer | Promise<Answer>;

export type Handlers = Partial<Record<NonNullable<Call['type']>, Handler>>;
