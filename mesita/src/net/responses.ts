import { STATUS_CODES } from 'node:http';
import type { HttpResponse } from './http.ts';

const textType = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Ends a request early with a response that is not a bug: a body too large, a bad encoding. */
export class HttpError extends Error {
  readonly response: HttpResponse;
  constructor(response: HttpResponse, options?: ErrorOptions) {
    super(typeof response.body === 'string' ? response.body : statusText(response.status), options);
    this.name = 'HttpError';
    this.response = response;
  }
}

/** `404 Not Found.`: the body of an answer that has nothing to add. */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? 'Unknown'}.`;
}

/** A refusal or failure in plain text. Without `text` the status speaks for itself. */
export function failure(status: number, text: string = statusText(status)): HttpResponse {
  return { status, headers: textType, body: text };
}

export function text(body: string, status = 200): HttpResponse {
  return { status, headers: textType, body };
}

/** No body, no Content-Type. */
export function empty(status: number): HttpResponse {
  return { status };
}

export function redirect(location: string): HttpResponse {
  return { status: 307, headers: { Location: location } };
}
