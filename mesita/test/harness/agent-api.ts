// The agent's operator API, as a test asks it.
import { request } from 'undici';

interface AgentAnswer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the call answers
  readonly json: any;
}

export type AgentApi = (type: string, body?: object) => Promise<AgentAnswer>;

/** A call by its type; its members go below the type's name in small letters. */
export function agentApi(port: number): AgentApi {
  return async (type, body) => {
    const response = await request(`http://127.0.0.1:${port}/api/v1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ type, ...(body && { [type.toLowerCase()]: body }) }),
    });
    const text = await response.body.text();
    const isJson = response.headers['content-type'] === 'application/json';
    return { status: response.statusCode, text, json: isJson ? JSON.parse(text) : undefined };
  };
}
