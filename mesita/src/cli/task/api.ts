import type { agent, master } from '@mesita/sdk/types';
import type { MessageSchema } from '../../wire/descriptor.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import * as agentSchema from '../../wire/schema/agent.ts';
import * as masterSchema from '../../wire/schema/master.ts';
import type { Asker } from '../credential.ts';
import { type DaemonAddress, type DaemonClient, openDaemon } from '../daemon-client.ts';

const media = 'application/x-protobuf';
export const mediaHeaders = { 'Content-Type': media, Accept: media };

/** Waiting for a container's end takes as long as it takes. */
const forever = 0;

interface Api<Call, Response> {
  readonly client: DaemonClient;
  /** Throws a Problem with what the daemon says when it does not answer 200. */
  call(call: Call): Promise<Response>;
}

export type AgentApi = Api<agent.Call, agent.Response>;

export function openMaster(address: string, asker: Asker): Api<master.Call, master.Response> {
  return open({ kind: 'master', address, asker }, masterSchema);
}

export function openAgent(address: string, asker: Asker): AgentApi {
  return open({ kind: 'agent', address, asker }, agentSchema);
}

interface Schema<Call, Response> {
  readonly Call: MessageSchema<Call>;
  readonly Response: MessageSchema<Response>;
}

function open<Call, Response>(
  daemon: DaemonAddress,
  schema: Schema<Call, Response>,
): Api<Call, Response> {
  const client = openDaemon({ ...daemon, timeoutMs: forever });
  return {
    client,
    async call(call) {
      const body = encode(schema.Call, call);
      const answer = await client.request('/api/v1', { headers: mediaHeaders, body });
      if (answer.status === 200) return decode(schema.Response, answer.body);
      throw client.refusal(answer);
    },
  };
}
