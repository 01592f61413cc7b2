import { basename } from 'node:path';
import { err, ok, type Result } from '@mesita/sdk/base';
import type { FileEntry, FileFailure, Files, ResolvedFile } from './files.ts';
import type {
  EndpointGuard,
  HttpDownload,
  HttpProcess,
  HttpRequest,
  HttpResponse,
  Realm,
} from './http.ts';
import { json } from './jsonp.ts';
import { mimeTypeOf } from './mime-types.ts';
import { failure, statusText } from './responses.ts';

interface FilesProcessOptions {
  readonly realm?: Realm;
  /** For `/files/debug`; the other endpoints ask the approver of what they show. */
  readonly guard?: EndpointGuard;
}

/** `/files/browse`, `/files/read`, `/files/download`, `/files/debug`. */
export function createFilesProcess(
  files: Files,
  { realm, guard }: FilesProcessOptions = {},
): HttpProcess {
  const route = (
    path: string,
    help: string,
    handler: HttpProcess['routes'][number]['handler'],
  ) => ({
    path,
    help,
    handler,
    ...(realm === undefined ? {} : { realm }),
  });
  return {
    id: 'files',
    routes: [
      route('/browse', 'Lists what a directory holds', (request) => browse(files, request)),
      route('/read', 'Reads a piece of a file', (request) => read(files, request)),
      route('/download', 'Sends a whole file', (request) => download(files, request)),
      route('/debug', 'Shows where virtual paths lead', async (request) => {
        const refusal = await guard?.(request);
        return refusal ?? json(request, JSON.stringify(Object.fromEntries(files.attached)));
      }),
    ],
  };
}

async function browse(files: Files, request: HttpRequest): Promise<HttpResponse> {
  const path = request.query.get('path');
  if (!path) return missingPath;
  const entries = await files.list(path, request);
  return entries.ok
    ? json(request, JSON.stringify(entries.value.map(toJson)))
    : refuse(entries.error);
}

function toJson({ path, nlink, size, mtime, modeText, uid, gid }: FileEntry) {
  return { gid, mode: modeText, mtime, nlink, path, size, uid };
}

async function read(files: Files, request: HttpRequest): Promise<HttpResponse> {
  const path = request.query.get('path');
  if (!path) return missingPath;
  const offset = parseNumber(request, 'offset');
  if (!offset.ok) return failure(400, offset.error);
  const length = parseNumber(request, 'length');
  if (!length.ok) return failure(400, length.error);
  const range = { offset: offset.value, length: length.value };
  const found = await files.read(path, request, range);
  if (!found.ok) return refuse(found.error);
  const { data } = found.value;
  // Bytes go out as they are: read as Latin-1, escaped, and written as Latin-1 again.
  const text = JSON.stringify(Buffer.from(data).toString('latin1'));
  const body = `{"data":${text},"offset":${found.value.offset}}`;
  return json(request, Buffer.from(body, 'latin1'));
}

function parseNumber({ query }: HttpRequest, name: string): Result<number | undefined> {
  const text = query.get(name);
  if (text === undefined) return ok(undefined);
  if (/^[+-]?\d+$/.test(text)) return ok(Number(text));
  return err(`Failed to parse ${name}: Failed to convert '${text}' to number.\n`);
}

async function download(files: Files, request: HttpRequest): Promise<HttpResponse> {
  const path = request.query.get('path');
  if (!path) return missingPath;
  const opened = await files.open(path, request);
  if (!opened.ok) return refuse(opened.error, statusText(404));
  const name = basename(opened.value.path);
  return {
    status: 200,
    headers: {
      'Content-Type': mimeTypeOf(name),
      'Content-Disposition': `attachment; filename=${headerSafe(name)}`,
    },
    body: toDownload(opened.value),
  };
}

/** File names come from tasks: nothing in them may end the header. */
function headerSafe(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '_');
}

const PIECE_BYTES = 256 * 1024;

function toDownload(file: ResolvedFile): HttpDownload {
  return {
    size: file.size,
    cancel: () => void file.close().catch(() => undefined),
    async *read() {
      try {
        for (let at = 0; at < file.size; ) {
          const piece = await file.read(at, Math.min(PIECE_BYTES, file.size - at));
          // Truncated since: the connection breaks off.
          if (piece.length === 0) return;
          at += piece.length;
          yield piece;
        }
      } finally {
        await file.close();
      }
    },
  };
}

const missingPath = failure(400, "Expecting 'path=value' in query.\n");

const statuses: Readonly<Record<FileFailure['code'], number>> = {
  invalid: 400,
  unauthorized: 403,
  'not-found': 404,
  failed: 500,
};

/** Nothing found answers an empty body, except to downloads. */
function refuse({ code, message }: FileFailure, notFoundText = ''): HttpResponse {
  if (code === 'not-found') return failure(404, notFoundText);
  return code === 'unauthorized' ? failure(403) : failure(statuses[code], `${message}.\n`);
}
