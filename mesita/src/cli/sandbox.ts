import type { Offer } from '@mesita/sdk/types';
import { decode, encode } from '../wire/protobuf.ts';
import * as agent from '../wire/schema/agent.ts';
import { type Asker, nobody } from './credential.ts';
import { type DaemonClient, openDaemon } from './daemon-client.ts';

/** Part of a file that one request asks for; agents give no more at once. */
const CHUNK_BYTES = 64 * 1024;

/** A file in a sandbox, read as it grows. Bytes, not text: what a task writes is its own business. */
interface FileTail {
  /**
   * What was added since the last time; nothing when the file or the agent is not there (yet). Throws
   * a Problem when the agent does not show it to us.
   */
  read(): Promise<Uint8Array>;
}

export interface Sandbox {
  tail(file: string): FileTail;
  close(): Promise<void>;
}

/** The agent that made an offer. */
export function agentUrl({ url, hostname }: Offer): string {
  const host = url?.address.ip ?? url?.address.hostname ?? hostname;
  return `${url?.scheme ?? 'http'}://${host}:${url?.address.port ?? 5051}${agentPath(url?.path)}`;
}

/** Offers name the agent's own process, `/slave(1)`; its API is there as well as at the top. */
function agentPath(path: string | undefined): string {
  return path === undefined || path === '/' ? '' : path.replace(/\/+$/, '');
}

export interface SandboxOptions {
  readonly agentUrl: string;
  readonly frameworkId: string;
  readonly executorId: string;
  readonly asker?: Asker;
}

export function openSandbox(options: SandboxOptions): Sandbox {
  const { agentUrl: address, frameworkId, executorId, asker = nobody } = options;
  const client = openDaemon({ kind: 'agent', address, asker, timeoutMs: 10_000 });
  const directory = `/frameworks/${frameworkId}/executors/${executorId}/runs/latest`;
  return {
    tail: (file) => createTail(client, `${directory}/${file}`),
    close: () => client.close(),
  };
}

function createTail(client: DaemonClient, path: string): FileTail {
  let offset = 0;
  return {
    async read() {
      const parts: Uint8Array[] = [];
      for (;;) {
        const data = await readChunk(client, path, offset);
        if (data.length > 0) parts.push(data);
        offset += data.length;
        if (data.length < CHUNK_BYTES / 2) return Buffer.concat(parts);
      }
    },
  };
}

async function readChunk(client: DaemonClient, path: string, offset: number): Promise<Uint8Array> {
  const body = encode(agent.Call, {
    type: 'READ_FILE',
    readFile: { path, offset, length: CHUNK_BYTES },
  });
  const media = 'application/x-protobuf';
  const headers = { 'Content-Type': media, Accept: media };
  const answer = await client.request('/api/v1', { headers, body }).catch(() => undefined);
  if (answer?.status === 401 || answer?.status === 403) throw client.refusal(answer);
  if (answer?.status !== 200) return new Uint8Array();
  return decode(agent.Response, answer.body).readFile?.data ?? new Uint8Array();
}
