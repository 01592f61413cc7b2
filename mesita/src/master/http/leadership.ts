import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { failure, redirect } from '../../net/responses.ts';
import type { MasterState } from '../core/state.ts';

/** A master that does not lead sends its clients to the one that does. */
export function redirectToLeader(
  state: MasterState,
  request: HttpRequest | undefined,
): HttpResponse | undefined {
  if (state.leader?.id === state.info.id) return undefined;
  if (!state.leader) return failure(503, 'No leader elected');
  return redirect(`${leaderAddress(state)}${request ? targetOf(request) : ''}`);
}

/** Scheme-relative: whoever came by HTTPS stays on it. */
export function leaderAddress({ leader }: MasterState): string {
  return `//${leader?.hostname ?? leader?.address?.hostname ?? ''}:${leader?.port}`;
}

export function refuseUnrecovered(state: MasterState): HttpResponse | undefined {
  return state.recovered ? undefined : failure(503, 'Master has not finished recovery');
}

function targetOf(request: HttpRequest): string {
  const query = [...request.query].map(
    ([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`,
  );
  return query.length > 0 ? `${request.path}?${query.join('&')}` : request.path;
}
