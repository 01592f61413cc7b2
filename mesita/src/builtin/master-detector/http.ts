import { lookup } from 'node:dns/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineModule, type MasterDetector, param } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { createHttpClient } from '../../net/client.ts';
import { formatPid } from '../../wire/pid.ts';

export const httpDetector = defineModule({
  kind: 'MasterDetector',
  name: 'http',
  description: 'Asks the masters of a list which of them leads, for clients that reach no election',
  parameters: {
    masters: param.string({ required: true, help: 'host:port, or several between commas.' }),
    interval: param.duration({ default: '1secs', help: 'How often it asks.' }),
  },
  create: (_context, { masters, interval }) =>
    detectByHttp({ masters: masters.split(','), intervalMs: interval }),
});

interface DetectionOptions {
  /** `host:port` of each. */
  readonly masters: readonly string[];
  readonly intervalMs: number;
}

/** A master that is frozen says nothing, and the others have to be asked. */
const ANSWER_MS = 2_000;
/** For so long nobody may name a leader before there is none. */
const SILENCE_MS = 5_000;

/**
 * Every master names the leader, without asking who wants to know; who names itself leads. A master
 * is known by its address here: one that was started again at the same one is the same.
 */
export function detectByHttp({ masters, intervalMs }: DetectionOptions): MasterDetector {
  let heardAt = performance.now();

  async function look(): Promise<MasterInfo | undefined> {
    const named = await Promise.all(masters.map(namedBy));
    for (const leader of new Set(named)) {
      if (leader === undefined || (await namedBy(leader)) !== leader) continue;
      const info = await describe(leader).catch(() => undefined);
      if (!info) continue;
      heardAt = performance.now();
      return info;
    }
    return undefined;
  }

  return {
    async detect(previous, signal) {
      for (;;) {
        signal.throwIfAborted();
        const leader = await look();
        signal.throwIfAborted();
        if (leader && leader.id !== previous?.id) return leader;
        const isSilent = performance.now() - heardAt > SILENCE_MS;
        if (!leader && isSilent && previous) return undefined;
        await sleep(intervalMs, undefined, { signal });
      }
    },
  };
}

/** `host:port` of the leader that this master knows of. */
async function namedBy(master: string): Promise<string | undefined> {
  const limits = { connectTimeoutMs: ANSWER_MS, timeoutMs: ANSWER_MS };
  const client = createHttpClient({ baseUrl: `http://${master.trim()}`, ...limits });
  try {
    const { status, headers } = await client.request('/master/redirect', { method: 'GET' });
    if (status !== 307 || headers.location === undefined) return undefined;
    return new URL(headers.location, `http://${master.trim()}`).host;
  } catch {
    return undefined;
  } finally {
    await client.close();
  }
}

async function describe(host: string): Promise<MasterInfo> {
  const { hostname, port: text } = new URL(`http://${host}`);
  const port = Number(text || 80);
  const { address: ip } = await lookup(hostname, 4);
  const packed = Buffer.from(ip.split('.').map(Number)).readUInt32LE(0);
  const address = { hostname, ip, port };
  return { id: host, ip: packed, port, hostname, address, pid: formatPid('master', ip, port) };
}
