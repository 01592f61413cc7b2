import { realpath } from 'node:fs/promises';
import { openBeneath, resolveBeneath } from './beneath.ts';
import type { HttpHandler, HttpResponse } from './http.ts';
import { mimeTypeOf } from './mime-types.ts';
import { failure } from './responses.ts';

/** Larger files have no place in a web UI. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/**
 * Serves what a route's path leaves over from below `directory`: `/assets/a.css` on the route
 * `/assets`. Without a rest it serves `index`, or nothing.
 */
export function createStaticHandler(directory: string, index?: string): HttpHandler {
  return async ({ rest = '' }) => {
    const path = rest === '' ? index : rest;
    if (path === undefined) return failure(404);
    return (await readStatic(directory, path)) ?? failure(404);
  };
}

async function readStatic(directory: string, path: string): Promise<HttpResponse | undefined> {
  try {
    const root = await realpath(directory);
    const resolved = await resolveBeneath(root, path);
    if (typeof resolved === 'string') return undefined;
    const file = await openBeneath(root, resolved.path);
    if (file === 'outside') return undefined;
    try {
      const status = await file.stat();
      if (!status.isFile() || status.size > MAX_FILE_BYTES) return undefined;
      const headers = { 'Content-Type': mimeTypeOf(resolved.path) };
      return { status: 200, headers, body: await file.readFile() };
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
