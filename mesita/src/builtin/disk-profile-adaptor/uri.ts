import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Clock, Logger, Random } from '@mesita/sdk/base';
import { type DiskProfileAdaptor, defineModule, param } from '@mesita/sdk/module';
import { request } from 'undici';
import { type Profile, parseProfileMatrix } from './profile-matrix.ts';

const FETCH_MS = 10_000;
const MAX_BYTES = 1 << 20;

/** Takes disk profiles from a file or a web server, and again when that changes. */
export const uriDiskProfileAdaptor = defineModule({
  kind: 'DiskProfileAdaptor',
  name: 'org_apache_mesos_UriDiskProfileAdaptor',
  description: 'Disk profiles from a file or a web server',
  parameters: {
    uri: param.string({ required: true, help: 'Where the mapping is: http, https or file.' }),
    poll_interval: param.duration({ help: 'Time between looks; without it there is one.' }),
    max_random_wait: param.duration({
      default: '0secs',
      help: 'Most that a change is held back, so that not all agents act at once.',
    }),
  },
  create: ({ clock, log, random, signal }, { uri, poll_interval, max_random_wait }) => {
    if (!/^(https?|file):\/\//.test(uri)) {
      throw new Error(`--uri must use a supported scheme (file, http, or https): '${uri}'`);
    }
    return createProfileAdaptor({
      read: () => fetchText(uri, signal),
      pollIntervalMs: poll_interval,
      maxRandomWaitMs: max_random_wait,
      ...{ clock, log, random, signal },
    });
  },
});

async function fetchText(uri: string, signal: AbortSignal): Promise<string> {
  if (uri.startsWith('file:')) return readFile(fileURLToPath(uri), 'utf8');
  const timeouts = { headersTimeout: FETCH_MS, bodyTimeout: FETCH_MS };
  const { statusCode, body } = await request(uri, { signal, ...timeouts });
  let text = '';
  for await (const chunk of body) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
  }
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  return text;
}

interface ProfileAdaptorOptions {
  readonly read: () => Promise<string>;
  readonly pollIntervalMs: number | undefined;
  readonly maxRandomWaitMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export function createProfileAdaptor(options: ProfileAdaptorOptions): DiskProfileAdaptor {
  const { clock, log } = options;
  /** Everything ever read: volumes of a profile that was taken away must still be understood. */
  const known = new Map<string, Profile>();
  let offered: ReadonlySet<string> = new Set();
  const watchers = new Set<() => void>();

  function take(found: ReadonlyMap<string, Profile>): void {
    for (const [name, { text }] of found) {
      if ((known.get(name)?.text ?? text) === text) continue;
      log.warn('disk profile differs from what it was; the whole mapping is ignored', { name });
      return;
    }
    for (const [name, profile] of found) known.set(name, profile);
    offered = new Set(found.keys());
    for (const look of watchers) look();
  }

  async function poll(): Promise<void> {
    try {
      const found = parseProfileMatrix(await options.read());
      if (!found.ok) throw new Error(found.error);
      const wait = options.maxRandomWaitMs * options.random.next();
      if (wait > 0) clock.setTimer(wait, () => take(found.value));
      else take(found.value);
    } catch (error) {
      log.warn('cannot read disk profiles', { error });
    }
    if (options.pollIntervalMs === undefined || options.signal.aborted) return;
    clock.setTimer(options.pollIntervalMs, () => void poll());
  }

  void poll();
  return {
    async translate(name, provider) {
      const profile = known.get(name);
      if (!profile) throw new Error(`Profile '${name}' not found`);
      if (!profile.applies(provider)) {
        throw new Error(
          `Profile '${name}' does not apply to resource provider with type '${provider.type}' ` +
            `and name '${provider.name}'`,
        );
      }
      return { capability: profile.capability, parameters: profile.parameters };
    },
    watch(before, provider, signal) {
      const current = (): Set<string> =>
        new Set([...offered].filter((name) => known.get(name)?.applies(provider)));
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const now = current();
          if (now.size === before.size && [...now].every((name) => before.has(name))) return;
          watchers.delete(look);
          resolve(now);
        };
        watchers.add(look);
        signal.addEventListener('abort', () => {
          watchers.delete(look);
          reject(signal.reason);
        });
        look();
      });
    },
  };
}
