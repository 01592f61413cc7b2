import process from 'node:process';
import type { Asker } from '../credential.ts';
import { askJson } from '../daemon-client.ts';
import { findMaster } from '../master-address.ts';
import { Problem } from '../problem.ts';
import { createTerminal } from '../terminal.ts';
import { formatTable } from './table.ts';
import { describeModule, type ModuleView, moduleHeads, moduleRow } from './view.ts';

/** Which daemon is asked, and as whom. */
interface Where {
  readonly master?: string;
  readonly agent?: string;
  readonly credential: Asker;
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

async function ask(
  { master, agent, credential: asker }: Where,
  path: string,
  body?: string,
): Promise<unknown> {
  if (agent !== undefined && master === undefined) {
    return askJson({ kind: 'agent', address: agent, asker }, path, body);
  }
  if (master !== undefined && agent === undefined) {
    return askJson({ kind: 'master', address: await findMaster(master), asker }, path, body);
  }
  throw new Problem('which daemon?', 'Give --master=<host>:<port> or --agent=<host>:<port>.');
}
