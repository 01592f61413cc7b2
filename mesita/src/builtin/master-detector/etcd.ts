import { performance } from 'node:perf_hooks';
import { defineModule, type MasterDetector, type ModuleContext } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { EtcdError } from '../../etcd/caller.ts';
import { connectEtcd, rest } from '../../etcd/client.ts';
import { type ElectionUrl, readElectionUrl } from '../../wire/election-url.ts';
import { parse } from '../../wire/json.ts';
import { MasterInfo as masterInfoSchema } from '../../wire/schema/mesos.ts';
import { candidatesOf, etcdParameters, requestTimeout } from '../etcd-election.ts';

export const etcdDetector = defineModule({
  kind: 'MasterDetector',
  name: 'etcd',
  description: 'Reads from etcd who leads',
  parameters: etcdParameters,
  create: (context, { url, session_timeout: timeoutMs }) =>
    detectInEtcd({ ...context, address: readElectionUrl(url), timeoutMs }),
});

interface DetectionOptions extends Pick<ModuleContext, 'log' | 'signal'> {
  readonly address: ElectionUrl;
  readonly timeoutMs: number;
}

const RETRY_MS = 200;

/** `signal` ends the connection. */
export function detectInEtcd({
  address,
  timeoutMs,
  signal,
  log,
}: DetectionOptions): MasterDetector {
  const etcd = connectEtcd(address, requestTimeout(timeoutMs));
  signal.addEventListener('abort', () => etcd.close(), { once: true });
  const prefix = candidatesOf(address.path);
  let heardAt = performance.now();

  async function look(previous: MasterInfo | undefined, wait: AbortSignal): Promise<Found> {
    const { found, revision } = await etcd.list(prefix);
    heardAt = performance.now();
    const first = [...found].sort((a, b) => a.createdAt - b.createdAt)[0];
    const leader = first && parse(masterInfoSchema, first.value.toString());
    if (leader?.id !== previous?.id) return { leader };
    await etcd.change(prefix, revision + 1, timeoutMs, wait);
    return undefined;
  }

  return {
    async detect(previous, wait) {
      for (;;) {
        wait.throwIfAborted();
        try {
          const found = await look(previous, wait);
          if (found) return found.leader;
        } catch (error) {
          wait.throwIfAborted();
          if (!(error instanceof EtcdError) || error.code === 'DENIED') throw error;
          log.debug('etcd does not answer', { error });
          const isSilent = performance.now() - heardAt >= timeoutMs;
          if (isSilent && previous) return undefined;
          await rest(RETRY_MS, wait);
        }
      }
    },
  };
}

type Found = { readonly leader: MasterInfo | undefined } | undefined;
