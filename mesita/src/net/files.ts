import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '@mesita/sdk/base';
import { openBeneath, resolveBeneath } from './beneath.ts';
import type { Principal } from './dispatch.ts';
import { formatMode, readOwners } from './owners.ts';

/** Says whether a principal may see what is attached. A rejection becomes a 500. */
type FileApprover = (principal: Principal) => boolean | Promise<boolean>;

export interface FileEntry {
  /** Virtual. */
  readonly path: string;
  readonly nlink: number;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly mode: number;
  /** `-rw-r--r--`. */
  readonly modeText: string;
  readonly uid: string;
  readonly gid: string;
}

export interface FileFailure {
  readonly code: 'invalid' | 'unauthorized' | 'not-found' | 'failed';
  /** Empty when the code says it all. */
  readonly message: string;
}

interface FileRange {
  /** Where to begin; the size of the file when `offset` was -1 or absent. */
  readonly offset: number;
  readonly size: number;
  readonly data: Uint8Array;
}

export interface ResolvedFile {
  readonly path: string;
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Virtual paths of the daemon's files: logs and sandboxes. */
export interface Files {
  /** Rejects when `realPath` cannot be resolved. An attached path is replaced. */
  attach(virtualPath: string, realPath: string, approver?: FileApprover): Promise<void>;
  detach(virtualPath: string): void;
  /** Virtual paths and where they lead. */
  readonly attached: ReadonlyMap<string, string>;
  /** What a directory holds, by path; nothing for a file. */
  list(path: string, principal: Principal): Promise<Result<readonly FileEntry[], FileFailure>>;
  /** At most 64 KiB. Without `length`, or with -1, as much as there is. */
  read(
    path: string,
    principal: Principal,
    range: { readonly offset?: number | undefined; readonly length?: number | undefined },
  ): Promise<Result<FileRange, FileFailure>>;
  /** Opens a regular file for a download. The caller closes it. */
  open(path: string, principal: Principal): Promise<Result<ResolvedFile, FileFailure>>;
}

/** Sixteen pages, as Mesos. */
const MAX_READ_BYTES = 16 * 4096;

interface Attachment {
  readonly root: string;
  readonly approver: FileApprover | undefined;
}

export function createFiles(): Files {
  const attachments = new Map<string, Attachment>();
  const attached = new Map<string, string>();

  async function resolve(
    path: string,
    principal: Principal,
  ): Promise<Result<Resolved, FileFailure>> {
    const ancestors = findAncestors(attachments, path);
    const [nearest] = ancestors;
    if (!nearest) return notFound;
    // The nearest that has an opinion decides.
    const approver = ancestors.find((ancestor) => ancestor.approver)?.approver;
    try {
      if (approver && !(await approver(principal))) return fail('unauthorized', '');
      return await resolveAttached(nearest.root, nearest.below);
    } catch (error) {
      return failed(error);
    }
  }

  async function open(path: string, principal: Principal, directoryText: string) {
    const resolved = await resolve(path, principal);
    return resolved.ok ? openResolved(resolved.value, directoryText) : resolved;
  }

  return {
    attached,
    async attach(virtualPath, realPath, approver) {
      const root = await realpath(realPath).catch((cause: unknown) => {
        throw new Error(`cannot attach '${realPath}' as '${virtualPath}'`, { cause });
      });
      attachments.set(trim(virtualPath), { root, approver });
      attached.set(trim(virtualPath), root);
    },
    detach(virtualPath) {
      attachments.delete(trim(virtualPath));
      attached.delete(trim(virtualPath));
    },
    async list(path, principal) {
      const resolved = await resolve(path, principal);
      return resolved.ok ? listDirectory(path, resolved.value.path) : resolved;
    },
    open: (path, principal) => open(path, principal, 'Cannot download a directory'),
    async read(path, principal, { offset = -1, length = -1 }) {
      if (offset < -1) return fail('invalid', `Negative offset provided: ${offset}`);
      if (length < -1) return fail('invalid', `Negative length provided: ${length}`);
      const opened = await open(path, principal, 'Cannot read a directory');
      return opened.ok ? readRange(opened.value, offset, length) : opened;
    },
  };
}

interface Resolved {
  readonly root: string;
  readonly path: string;
}

/** The attachments that hold `path`, nearest first, with what of `path` lies below each. */
function findAncestors(
  attachments: ReadonlyMap<string, Attachment>,
  path: string,
): (Attachment & { readonly below: string })[] {
  const parts = trim(path).split('/');
  return parts.flatMap((_, dropped) => {
    const length = parts.length - dropped;
    const found = attachments.get(parts.slice(0, length).join('/'));
    return found ? [{ ...found, below: parts.slice(length).join('/') }] : [];
  });
}

async function resolveAttached(
  root: string,
  below: string,
): Promise<Result<Resolved, FileFailure>> {
  if (below !== '' && !(await stat(root)).isDirectory()) return notFound;
  const resolved = await resolveBeneath(root, below);
  if (resolved === 'missing') return notFound;
  if (resolved === 'outside') return fail('invalid', `'${join(root, below)}' is inaccessible`);
  return ok({ root, path: resolved.path });
}

async function openResolved(
  { root, path }: Resolved,
  directoryText: string,
): Promise<Result<ResolvedFile, FileFailure>> {
  try {
    const file = await openBeneath(root, path);
    if (file === 'outside') return fail('invalid', `'${path}' is inaccessible`);
    const status = await file.stat();
    if (!status.isFile()) {
      await file.close();
      return fail('invalid', status.isDirectory() ? directoryText : 'Not a regular file');
    }
    return ok({
      path,
      size: status.size,
      close: () => file.close(),
      async read(offset, length) {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
    });
  } catch (error) {
    return failed(error);
  }
}

/** Reads, and closes the file. */
async function readRange(
  file: ResolvedFile,
  offset: number,
  length: number,
): Promise<Result<FileRange, FileFailure>> {
  try {
    const { size } = file;
    const from = offset === -1 ? size : offset;
    const wanted = length === -1 ? size : length;
    const count = Math.max(0, Math.min(wanted, size - from, MAX_READ_BYTES));
    const data = count === 0 ? new Uint8Array() : await file.read(from, count);
    return ok({ offset: from, size, data });
  } catch (error) {
    return failed(error);
  } finally {
    await file.close();
  }
}

async function listDirectory(
  virtual: string,
  real: string,
): Promise<Result<readonly FileEntry[], FileFailure>> {
  try {
    if (!(await stat(real)).isDirectory()) return ok([]);
    const owners = await readOwners();
    const entries: FileEntry[] = [];
    for (const name of await readdir(real)) {
      // Files of a running task may be gone since the directory was read; links may lead nowhere.
      const path = join(real, name);
      const status = await stat(path).catch(() => lstat(path).catch(() => undefined));
      if (!status) continue;
      entries.push({
        path: join(virtual, name),
        nlink: status.nlink,
        size: status.size,
        mtime: Math.floor(status.mtimeMs / 1000),
        mode: status.mode,
        modeText: formatMode(status.mode),
        uid: owners.user(status.uid),
        gid: owners.group(status.gid),
      });
    }
    entries.sort((a, b) => (a.path < b.path ? -1 : 1));
    return ok(entries);
  } catch (error) {
    return failed(error);
  }
}

const notFound = err<FileFailure>({ code: 'not-found', message: '' });

function fail(code: FileFailure['code'], message: string) {
  return err<FileFailure>({ code, message });
}

function failed(error: unknown) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return notFound;
  return fail('failed', message);
}

function trim(path: string): string {
  return path.replace(/\/+$/, '');
}
