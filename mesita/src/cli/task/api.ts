import type { agent, master } from '@mesita/sdk/types';
import { createHttpClient, type HttpClient } from '../../net/client.ts';
import type { MessageSchema } from '../../wire/descriptor.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import * as agentSchema from '../../wire/schema/agent.ts';
import * as masterSchema from '../../wire/schema/master.ts';
import { Problem } from '../problem.ts';

const media = 'application/x-protobuf';
export const mediaHeaders = { 'Content-Type': media, Accept: media };

/** Waiting for a container's end takes as long as it takes. */
const forever = 0;

interface Api<Call, Response> {
  readonly client: HttpClient;
  /** Throws a Problem with what the daemon says when it does not answer 200. */
  call(call: Call): Promise<Response>;
}

export function openMaster(address: string): Api<master.Call, master.Response> {
  return open(address, `http://${address}`, masterSchema);
}

export function openAgent(url: string): Api<agent.Call, agent.Response> {
  return open('the agent', url, agentSchema);
}

interface Schema<Call, Response> {
  readonly Call: MessageSchema<Call>;
  readonly Response: MessageSchema<Response>;
}

function open<Call, Response>(
  name: string,
  baseUrl: string,
  schema: Schema<Call, Response>,
): Api<Call, Response> {
  const client = clientOf(name, baseUrl);
  return {
    client,
    async call(call) {
      const body = encode(schema.Call, call);
      const answer = await client.request('/api/v1', { headers: mediaHeaders, body });
      if (answer.status === 200) return decode(schema.Response, answer.body);
      if (answer.status === 307)
        throw new Problem(`${name} does not lead`, 'Ask the leading master.');
      throw refusal(name, answer);
    },
  };
}

function clientOf(name: string, baseUrl: string): HttpClient {
  try {
    return createHttpClient({ baseUrl, timeoutMs: forever });
  } catch (cause) {
    throw new Problem(`'${name}' is no address`, 'Give --master=<host>:<port>.', { cause });
  }
}

export function refusal(
  name: string,
  { status, body }: { readonly status: number; readonly body: Uint8Array },
): Problem {
  const text = new TextDecoder().decode(body).trim();
  return new Problem(`${name} refuses: ${text === '' ? `status ${status}` : text}`);
}
