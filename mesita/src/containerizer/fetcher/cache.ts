import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

interface Entry {
  readonly path: string;
  bytes: number;
  /** Containers that read it right now: it stays. */
  readers: number;
  readonly ready: Promise<void>;
}

export interface CachedFile {
  readonly path: string;
  /** To be called once the content was copied out. */
  release(): void;
}

/** Files fetched with `cache`, one per URI and user; the least recently used ones go first. */
export interface FetcherCache {
  /** `fill` writes the file where there is none yet; everybody waits for the first to do it. */
  get(user: string, uri: string, fill: (path: string) => Promise<void>): Promise<CachedFile>;
  size(): { readonly usedBytes: number; readonly totalBytes: number };
}

export function createFetcherCache(directory: string, maxBytes: number): FetcherCache {
  // A map keeps its order: what was used is put at the end again.
  const entries = new Map<string, Entry>();
  let prepared: Promise<void> | undefined;
  let sequence = 0;

  /** Nothing is known of files of an earlier agent, so they go. */
  async function prepare(): Promise<void> {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true, mode: 0o755 });
  }

  function usedBytes(): number {
    return [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  function evict(): void {
    let total = usedBytes();
    for (const [key, { path, bytes, readers }] of entries) {
      if (total <= maxBytes) return;
      if (readers > 0) continue;
      entries.delete(key);
      total -= bytes;
      void rm(path, { force: true });
    }
  }

  async function fillEntry(entry: Pick<Entry, 'path'>, fill: (path: string) => Promise<void>) {
    await fill(entry.path);
    return (await stat(entry.path)).size;
  }

  function start(user: string, uri: string, fill: (path: string) => Promise<void>): Entry {
    const name = `${++sequence}-${createHash('sha256').update(`${user}\0${uri}`).digest('hex')}`;
    const path = join(directory, name.slice(0, 40));
    const filled = fillEntry({ path }, fill);
    const entry: Entry = {
      path,
      bytes: 0,
      readers: 0,
      ready: filled.then((size) => {
        entry.bytes = size;
      }),
    };
    entry.ready.catch(() => {});
    return entry;
  }

  return {
    size: () => ({ usedBytes: usedBytes(), totalBytes: maxBytes }),
    async get(user, uri, fill) {
      prepared ??= prepare();
      await prepared;
      const key = `${user}\0${uri}`;
      const entry = entries.get(key) ?? start(user, uri, fill);
      entries.delete(key);
      entries.set(key, entry);
      entry.readers++;
      try {
        await entry.ready;
      } catch (error) {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
      evict();
      return {
        path: entry.path,
        release() {
          entry.readers--;
          evict();
        },
      };
    },
  };
}
