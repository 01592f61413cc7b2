import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandInfo } from '@mesita/sdk/types';
import type { Forker } from '../../linux/launcher/forker.ts';
import { runToEnd } from '../../linux/launcher/run-to-end.ts';
import { describeWaitStatus } from '../../linux/signals.ts';
import type { User } from '../../linux/users.ts';
import type { CachedFile, FetcherCache } from './cache.ts';
import { download } from './download.ts';
import { type Fetched, writeFetchScript } from './script.ts';
import { type FetchItem, planFetch } from './uri.ts';

interface FetchRequest {
  readonly containerId: string;
  readonly command: CommandInfo;
  /** The sandbox. Nothing is written outside of it. */
  readonly directory: string;
  /** The container's runtime directory: what comes over the net waits there. */
  readonly runtimeDirectory: string;
  /** Who shall own what was fetched, and with whose rights local files are read. */
  readonly user: User | undefined;
  readonly signal: AbortSignal;
}

/** Brings a command's URIs into its sandbox before it runs. */
export interface Fetcher {
  /** Rejects when one of them cannot be had. What went wrong stands in the sandbox's `stderr`. */
  fetch(request: FetchRequest): Promise<void>;
  /** By the names of Mesos' metrics. */
  counters(): Readonly<Record<string, number>>;
}

interface FetcherOptions {
  readonly forker: Forker;
  readonly cache: FetcherCache;
  readonly frameworksHome: string | undefined;
  readonly stallTimeoutMs: number;
}

export function createFetcher(options: FetcherOptions): Fetcher {
  let succeeded = 0;
  let failed = 0;
  return {
    async fetch(request) {
      const uris = request.command.uris ?? [];
      if (uris.length === 0) return;
      try {
        await fetchAll(options, request, uris);
        succeeded++;
      } catch (error) {
        failed++;
        throw error;
      }
    },
    counters() {
      const { usedBytes, totalBytes } = options.cache.size();
      return {
        'containerizer/fetcher/task_fetches_succeeded': succeeded,
        'containerizer/fetcher/task_fetches_failed': failed,
        'containerizer/fetcher/cache_size_used_bytes': usedBytes,
        'containerizer/fetcher/cache_size_total_bytes': totalBytes,
      };
    },
  };
}

async function fetchAll(
  options: FetcherOptions,
  request: FetchRequest,
  uris: readonly CommandInfo.URI[],
): Promise<void> {
  const scratch = join(request.runtimeDirectory, 'fetch');
  await mkdir(scratch, { mode: 0o711 });
  const releases: (() => void)[] = [];
  try {
    const fetched: Fetched[] = [];
    for (const uri of uris) {
      const one = await fetchOne(options, request, uri, join(scratch, String(fetched.length)));
      fetched.push(one.fetched);
      if (one.release) releases.push(one.release);
      if ('failure' in one.fetched) break;
    }
    await runScript(options.forker, request, scratch, writeFetchScript(fetched));
  } finally {
    for (const release of releases) release();
    await rm(scratch, { recursive: true, force: true });
  }
}

interface One {
  readonly fetched: Fetched;
  readonly release?: () => void;
}

async function fetchOne(
  options: FetcherOptions,
  request: FetchRequest,
  uri: CommandInfo.URI,
  path: string,
): Promise<One> {
  const plan = planFetch(uri, options.frameworksHome);
  if (!plan.ok) return { fetched: { failure: plan.error, uri: uri.value } };
  try {
    return await obtain(options, request, plan.value, path);
  } catch (error) {
    request.signal.throwIfAborted();
    const failure = error instanceof Error ? error.message : String(error);
    return { fetched: { failure, uri: uri.value } };
  }
}

/** Local files are read by the script itself, with the user's rights. */
async function obtain(
  { cache, stallTimeoutMs }: FetcherOptions,
  { user, signal }: FetchRequest,
  item: FetchItem,
  path: string,
): Promise<One> {
  if (item.source.kind === 'local') return { fetched: { item, file: item.source.path } };
  const { url } = item.source;
  if (!item.uri.cache) {
    await download({ url, path, user, stallTimeoutMs, signal });
    return { fetched: { item, file: path } };
  }
  // Others may wait for the same file: it goes on when this container does not need it any more.
  const goOn = new AbortController().signal;
  const wanted = cache.get(user?.name ?? '', url, (target) =>
    download({ url, path: target, user, stallTimeoutMs, signal: goOn }),
  );
  const cached = await orAbort(wanted, signal);
  return { fetched: { item, file: cached.path }, release: cached.release };
}

function orAbort(wanted: Promise<CachedFile>, signal: AbortSignal): Promise<CachedFile> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    wanted.then((file) => (signal.aborted ? file.release() : resolve(file)), reject);
  });
}

/** In a process of the launcher's, so that neither this loop waits nor root's rights are used. */
async function runScript(
  forker: Forker,
  request: FetchRequest,
  scratch: string,
  script: string,
): Promise<void> {
  const { directory, containerId, signal } = request;
  signal.throwIfAborted();
  const process = join(scratch, 'process');
  await mkdir(process, { mode: 0o700 });
  const spec = {
    directory: process,
    cwd: directory,
    stdout: join(directory, 'stdout'),
    stderr: join(directory, 'stderr'),
    user: request.user,
    file: '/bin/sh',
    args: ['sh', '-c', script],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    rlimits: [],
    preExec: [],
  };
  const status = await runToEnd(forker, spec, signal);
  if (status === 0) return;
  throw new Error(
    `Failed to fetch all URIs for container '${containerId}': ${describeWaitStatus(status)}`,
  );
}
