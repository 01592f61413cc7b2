// LIST_FILES and READ_FILE, which master and agent answer alike.
import { ok, type Result } from '@mesita/sdk/base';
import type { master } from '@mesita/sdk/types';
import type { FileFailure, Files } from './files.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { failure } from './responses.ts';

export async function listFiles(
  files: Files,
  path: string,
  request: HttpRequest,
): Promise<Result<master.Response.ListFiles, FileFailure>> {
  const found = await files.list(path, request);
  if (!found.ok) return found;
  const fileInfos = found.value.map((f) => ({
    path: f.path,
    nlink: f.nlink,
    size: f.size,
    mtime: { nanoseconds: BigInt(Math.round(f.mtime * 1e6)) * 1000n },
    mode: f.mode,
    uid: f.uid,
    gid: f.gid,
  }));
  return ok({ fileInfos });
}

export async function readFile(
  files: Files,
  call: master.Call.ReadFile | undefined,
  request: HttpRequest,
): Promise<Result<master.Response.ReadFile, FileFailure>> {
  const { path = '', offset = 0, length } = call ?? {};
  const found = await files.read(path, request, { offset, length });
  return found.ok ? ok({ size: found.value.size, data: found.value.data }) : found;
}

const statuses: Readonly<Record<FileFailure['code'], number>> = {
  invalid: 400,
  unauthorized: 403,
  'not-found': 404,
  failed: 500,
};

export function fileFailure({ code, message }: FileFailure): HttpResponse {
  return failure(statuses[code], message);
}
