import type { StreamId } from '@mesita/sdk/base';
import type * as api from '@mesita/sdk/types/executor';
import type { AgentEvent, RunName } from '../../agent/core/events.ts';
import type { AgentState } from '../../agent/core/state.ts';
import { validateExecutorCall } from '../../agent/core/validation/executor-call.ts';

/** An executor process, as its agent's HTTP server sees it. */
export interface ExecutorClient {
  answered(status: number): void;
  heard(event: api.Event): void;
  cutOff(): void;
}

/** `/api/v1/executor` of one agent's life. Within a machine nothing is lost but by somebody's end. */
export interface AgentDoor {
  request(call: api.Call, client: ExecutorClient): void;
  /** The executor hung up. */
  hangUp(client: ExecutorClient): void;
  respond(request: number, status: number): void;
  openStream(request: number, run: RunName, stream: StreamId): void;
  send(stream: StreamId, event: api.Event): void;
  closeStream(stream: StreamId): void;
  close(): void;
}

export function createAgentDoor(
  state: Pick<AgentState, 'acceptsExecutors'>,
  newStream: () => string,
  post: (event: AgentEvent) => void,
): AgentDoor {
  const requests = new Map<number, ExecutorClient>();
  const streams = new Map<StreamId, { readonly client: ExecutorClient; readonly run: RunName }>();
  let lastRequest = 0;

  return {
    request(call, client) {
      if (!state.acceptsExecutors || !validateExecutorCall(call).ok) {
        client.answered(state.acceptsExecutors ? 400 : 503);
        return;
      }
      const request = ++lastRequest;
      requests.set(request, client);
      const stream = newStream() as StreamId;
      const origin = { kind: 'http', request, stream, claims: undefined } as const;
      post({ type: 'ExecutorCall', origin, call });
    },
    hangUp(client) {
      for (const [stream, open] of [...streams]) {
        if (open.client !== client) continue;
        streams.delete(stream);
        post({ type: 'ExecutorStreamClosed', run: open.run, stream });
      }
    },
    respond(request, status) {
      requests.get(request)?.answered(status);
      requests.delete(request);
    },
    openStream(request, run, stream) {
      const client = requests.get(request);
      requests.delete(request);
      if (!client) return;
      streams.set(stream, { client, run });
      client.answered(200);
    },
    send: (stream, event) => streams.get(stream)?.client.heard(event),
    closeStream(stream) {
      const open = streams.get(stream);
      streams.delete(stream);
      open?.client.cutOff();
    },
    close() {
      const cut = [...streams.values()];
      streams.clear();
      requests.clear();
      for (const { client } of cut) client.cutOff();
    },
  };
}
