import process from 'node:process';
import type { Credential } from '@mesita/sdk/types';
import { readCredential } from '../../flags/credentials.ts';
import { readFile } from '../../flags/read-file.ts';
import { createHttpClient } from '../../net/client.ts';
import { findMaster } from '../master-address.ts';
import { Problem } from '../problem.ts';
import { createTerminal } from '../terminal.ts';
import { formatTable } from './table.ts';
import { describeModule, type ModuleView, moduleHeads, moduleRow } from './view.ts';

/** Which daemon is asked, and as whom. */
interface Where {
  readonly master?: string;
  readonly agent?: string;
  readonly credential?: string;
}

export async function listModules(where: Where): Promise<void> {
  const { modules } = (await ask(where, '/modules')) as { modules: readonly ModuleView[] };
  const terminal = createTerminal(process.stdout, process.env);
  if (modules.length === 0) terminal.line('no modules');
  else terminal.line(formatTable(moduleHeads, modules.map(moduleRow)));
}

export async function inspectModule(name: string, where: Where): Promise<void> {
  const view = (await ask(where, `/modules?name=${encodeURIComponent(name)}`)) as ModuleView;
  const terminal = createTerminal(process.stdout, process.env);
  for (const line of describeModule(view)) terminal.line(line);
}

export async function changeModule(
  action: 'reload' | 'unload',
  name: string,
  where: Where,
): Promise<void> {
  const body = JSON.stringify({ action, name });
  const answer = (await ask(where, '/modules', body)) as Readonly<Record<string, unknown>>;
  const isUnchanged = action === 'reload' && answer.reloaded === false;
  const text = isUnchanged ? 'is what its file holds already' : `was ${action}ed`;
  createTerminal(process.stdout, process.env).line(`${name} ${text}`);
}

/** Throws a Problem when the daemon does not answer, or refuses to. */
async function ask(where: Where, path: string, body?: string): Promise<unknown> {
  const address = await addressOf(where);
  let client: ReturnType<typeof createHttpClient>;
  try {
    client = createHttpClient({ baseUrl: `http://${address}`, headers: authorization(where) });
  } catch (cause) {
    throw new Problem(`'${address}' is no address`, 'Give <host>:<port>.', { cause });
  }
  try {
    const { status, body: bytes } = await client.request(path, {
      ...(body !== undefined && { method: 'POST', body }),
    });
    const text = new TextDecoder().decode(bytes);
    if (status === 401) throw new Problem(`${address} does not know you`, 'Give --credential.');
    if (status !== 200) throw new Problem(text || `${address} answered with status ${status}`);
    return JSON.parse(text);
  } finally {
    await client.close();
  }
}

async function addressOf({ master, agent }: Where): Promise<string> {
  if ((master === undefined) === (agent === undefined)) {
    throw new Problem('which daemon?', 'Give --master=<host>:<port> or --agent=<host>:<port>.');
  }
  return agent ?? findMaster(master as string);
}

function authorization({ credential: path }: Where): Readonly<Record<string, string>> {
  if (path === undefined) return {};
  const read = readCredential(path, readFile);
  if (!read.ok) throw new Problem(read.error);
  const { principal, secret = '' }: Credential = read.value;
  const encoded = Buffer.from(`${principal}:${secret}`).toString('base64');
  return { Authorization: `Basic ${encoded}` };
}
