import { setTimeout as pause } from 'node:timers/promises';
import type { ElectionUrl } from '../wire/election-url.ts';
import { createCaller, EtcdError } from './caller.ts';

interface KeyValue {
  readonly key: string;
  readonly value: Buffer;
  /** Revisions of the whole store: when it was made, and when it was changed last. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** A change in a transaction; without a value the key goes. */
export interface Change {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  /** The key goes with it. */
  readonly lease?: string;
}

/** etcd's version 3 interface over HTTP, as its gateway serves it. Rejects with an `EtcdError`. */
export interface Etcd {
  /** All keys that begin so, by name, and the revision they were read at: as of now. */
  list(prefix: string): Promise<{ readonly found: readonly KeyValue[]; readonly revision: number }>;
  get(key: string): Promise<KeyValue | undefined>;
  /**
   * Makes the changes if the key was changed last at that revision, 0 for one that is not there.
   * Gives the revision of the changes; undefined when nothing was made.
   */
  transact(
    expected: { readonly key: string; readonly changedAt: number } | undefined,
    changes: readonly Change[],
  ): Promise<number | undefined>;
  /** In whole seconds; the server may give more. */
  grantLease(seconds: number): Promise<{ readonly id: string; readonly seconds: number }>;
  /** False: it has ended. */
  renewLease(id: string): Promise<boolean>;
  revokeLease(id: string): Promise<void>;
  /**
   * Resolves with the first change below the prefix from that revision on, and after `limitMs` in any
   * case: a server that stands still tells nothing, so whoever waits looks again.
   */
  change(prefix: string, revision: number, limitMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

const TIMEOUT_MS = 5_000;
/** Keys of one answer: the registry of a large cluster does not come in one piece. */
const PAGE = 1_000;

export function connectEtcd(address: ElectionUrl, timeoutMs = TIMEOUT_MS): Etcd {
  const { ask, open, close } = createCaller(address, timeoutMs);
  return {
    async list(prefix) {
      const found: KeyValue[] = [];
      let revision = 0;
      for (let from = prefix; ; ) {
        const page = await ask<RangeAnswer>('kv/range', {
          ...{ key: encode(from), range_end: encode(endOf(prefix)), limit: PAGE },
          ...(revision === 0 ? {} : { revision }),
        });
        revision ||= Number(page.header.revision);
        found.push(...(page.kvs ?? []).map(readKeyValue));
        if (!page.more) return { found, revision };
        from = `${found.at(-1)!.key}\0`;
      }
    },
    async get(key) {
      const { kvs = [] } = await ask<RangeAnswer>('kv/range', { key: encode(key) });
      return kvs[0] && readKeyValue(kvs[0]);
    },
    async transact(expected, changes) {
      const compare = expected && [
        {
          ...{ key: encode(expected.key), target: 'MOD', result: 'EQUAL' },
          mod_revision: String(expected.changedAt),
        },
      ];
      const answer = await ask<{ succeeded?: boolean; header: Header }>('kv/txn', {
        compare: compare ?? [],
        success: changes.map(writeChange),
      });
      return answer.succeeded ? Number(answer.header.revision) : undefined;
    },
    async grantLease(seconds) {
      const { ID, TTL } = await ask<{ ID: string; TTL: string }>('lease/grant', { TTL: seconds });
      return { id: ID, seconds: Number(TTL) };
    },
    async renewLease(id) {
      const { result } = await ask<{ result: { TTL?: string } }>('lease/keepalive', { ID: id });
      return Number(result.TTL ?? 0) > 0;
    },
    revokeLease: async (id) => void (await ask('lease/revoke', { ID: id })),
    async change(prefix, revision, limitMs, signal) {
      const range = { key: encode(prefix), range_end: encode(endOf(prefix)) };
      const create_request = { ...range, start_revision: String(revision) };
      const limit = AbortSignal.timeout(Math.ceil(limitMs));
      try {
        const answer = await open('watch', { create_request }, AbortSignal.any([signal, limit]));
        await firstEvent(answer.body, signal);
      } catch (error) {
        if (!limit.aborted || signal.aborted) throw error;
      }
    },
    close,
  };
}

/** A watch begins with a line that says so; the first one with events ends it here. */
async function firstEvent(lines: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
  try {
    let text = '';
    for await (const chunk of lines) {
      text = text.slice(-20) + String(chunk);
      if (text.includes('"events"')) return;
      if (text.includes('"canceled"')) break;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new EtcdError('UNAVAILABLE', 'the watch of etcd broke off', { cause });
  }
  throw new EtcdError('UNAVAILABLE', 'etcd ended the watch');
}

interface Header {
  readonly revision: string;
}

interface RawKeyValue {
  readonly key: string;
  readonly value?: string;
  readonly create_revision: string;
  readonly mod_revision: string;
}

interface RangeAnswer {
  readonly header: Header;
  readonly kvs?: readonly RawKeyValue[];
  readonly more?: boolean;
}

function readKeyValue({ key, value = '', create_revision, mod_revision }: RawKeyValue): KeyValue {
  return {
    key: Buffer.from(key, 'base64').toString(),
    value: Buffer.from(value, 'base64'),
    createdAt: Number(create_revision),
    changedAt: Number(mod_revision),
  };
}

function writeChange({ key, value, lease }: Change): object {
  if (!value) return { request_delete_range: { key: encode(key) } };
  const text = Buffer.from(value).toString('base64');
  return {
    request_put: { key: encode(key), value: text, ...(lease === undefined ? {} : { lease }) },
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The first key that does not begin so. Prefixes here end with a plain character. */
function endOf(prefix: string): string {
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}

/** For those who try again. */
export async function rest(ms: number, signal?: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
