import { type ClientResponse, createHttpClient, type HttpClient } from '../net/client.ts';
import type { Asker } from './credential.ts';
import { Problem } from './problem.ts';

/** Which daemon is asked, and by whom. */
export interface DaemonAddress {
  readonly kind: 'master' | 'agent';
  /** `host:port`, or a URL. */
  readonly address: string;
  readonly asker: Asker;
  /** For an answer; 0 for those that take as long as they take. */
  readonly timeoutMs?: number;
}

export interface DaemonClient extends HttpClient {
  /** What people are told of an answer that is not the one asked for. */
  refusal(answer: Pick<ClientResponse, 'status' | 'body'>): Problem;
}

/** Throws a Problem when there can be no daemon at that address. */
export function openDaemon({ kind, address, asker, timeoutMs }: DaemonAddress): DaemonClient {
  const baseUrl = address.includes('://') ? address : `http://${address}`;
  let client: HttpClient;
  try {
    const limits = timeoutMs === undefined ? {} : { timeoutMs };
    client = createHttpClient({ baseUrl, headers: asker.headers, ...limits });
  } catch (cause) {
    throw new Problem(`'${address}' is no address`, `Give --${kind}=<host>:<port>.`, { cause });
  }
  const title = `the ${kind} at ${new URL(baseUrl).host}`;
  return {
    request: (path, request) => client.request(path, request).catch(adviseOn(kind)),
    subscribe: (path, request) => client.subscribe(path, request).catch(adviseOn(kind)),
    close: () => client.close(),
    refusal: (answer) => refusalOf(title, asker, answer),
  };
}

const unreachable = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CONNECT_TIMEOUT/;

/** Of an agent people do not give the address: the master does. */
function adviseOn(kind: DaemonAddress['kind']): (error: Error) => never {
  return (error) => {
    const { code = '' } = (error.cause ?? {}) as NodeJS.ErrnoException;
    if (kind !== 'master' || !unreachable.test(code)) throw error;
    const advice = 'Is a master there? Give its address with --master=<host>:<port>.';
    throw new Problem(error.message, advice, { cause: error.cause });
  };
}

/** One question with an answer in JSON. Throws a Problem when the daemon refuses. */
export async function askJson(to: DaemonAddress, path: string, body?: string): Promise<unknown> {
  const client = openDaemon(to);
  try {
    const answer = await client.request(path, body === undefined ? {} : { method: 'POST', body });
    if (answer.status !== 200) throw client.refusal(answer);
    return JSON.parse(new TextDecoder().decode(answer.body));
  } finally {
    await client.close();
  }
}

function refusalOf(
  title: string,
  { principal }: Asker,
  { status, body }: Pick<ClientResponse, 'status' | 'body'>,
): Problem {
  const text = new TextDecoder().decode(body).trim();
  switch (status) {
    case 307:
      return new Problem(`${title} does not lead`, 'Ask the leading master.');
    case 401:
      if (principal === undefined) {
        return new Problem(`${title} does not know you: give --credential`);
      }
      return new Problem(
        `${title} does not know '${principal}' with this secret: see --credential`,
      );
    case 403: {
      const who = principal === undefined ? 'who gives no --credential' : `'${principal}'`;
      // Most say nothing but the status.
      const detail = text === '' || text.startsWith('403') ? '' : `: ${text}`;
      return new Problem(`${title} does not let ${who} do this${detail}`);
    }
    default:
      return new Problem(`${title} refuses: ${text === '' ? `status ${status}` : text}`);
  }
}
