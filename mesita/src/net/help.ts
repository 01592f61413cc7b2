import type { HttpProcess, HttpRequest, HttpResponse, Route } from './http.ts';
import { failure } from './responses.ts';
import { decodeComponent } from './target.ts';

type Processes = ReadonlyMap<string, HttpProcess>;

const hidden = new Set(['help', '__processes__']);

/** `/help`, `/help/<process>`, `/help/<process>/<endpoint>`, made of the routes' one-line texts. */
export function createHelpProcess(processes: () => Processes): HttpProcess {
  const handler = (request: HttpRequest) => answer(processes(), request);
  return { id: 'help', routes: [{ path: '/', isCatchAll: true, handler }] };
}

function answer(processes: Processes, { rest: below = '', query }: HttpRequest): HttpResponse {
  const [id = '', ...rest] = below.split('/');
  const name = `/${rest.join('/')}`;
  if (id === '') {
    const wantsJson = query.get('format') === 'json';
    return wantsJson ? asJson(processes) : page('Help', indexOf(processes));
  }
  const process = processes.get(decodeComponent(id) ?? id);
  if (!process || hidden.has(id)) return failure(404);
  if (rest.length === 0)
    return page(
      `/${id}`,
      process.routes.map((route) => linkTo(id, route)),
    );
  const route = process.routes.find((candidate) => candidate.path === name);
  if (!route) return failure(400, `No help available for '/${id}${name}'.\n`);
  return page(`/${id}${name}`, [escapeHtml(textOf(id, route))]);
}

function asJson(processes: Processes): HttpResponse {
  const list = visible(processes).map(({ id, routes }) => ({
    id,
    endpoints: routes.map((route) => ({ name: route.path, text: textOf(id, route) })),
  }));
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ processes: list }),
  };
}

function visible(processes: Processes): HttpProcess[] {
  return [...processes.values()]
    .filter(({ id }) => !hidden.has(id))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function indexOf(processes: Processes): string[] {
  return visible(processes).map(
    ({ id }) => `<a href="/help/${escapeHtml(id)}">/${escapeHtml(id)}</a>`,
  );
}

function linkTo(id: string, { path, help = '' }: Route): string {
  const endpoint = escapeHtml(`/${id}${path === '/' ? '' : path}`);
  return `<a href="/help${endpoint}">${endpoint}</a> ${escapeHtml(help)}`;
}

function textOf(id: string, { path, help }: Route): string {
  return `/${id}${path === '/' ? '' : path}\n${help ?? 'No help page.'}\n`;
}

function page(title: string, lines: readonly string[]): HttpResponse {
  const items = lines.map((line) => `<li>${line}</li>`).join('\n');
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html' },
    body: `<!doctype html>\n<title>${escapeHtml(title)}</title>\n<h1>${escapeHtml(title)}</h1>\n<ul>\n${items}\n</ul>\n`,
  };
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
