import { performance } from 'node:perf_hooks';
import { type Candidacy, defineModule, type ModuleContext } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { EtcdError } from '../../etcd/caller.ts';
import { connectEtcd, type Etcd, rest } from '../../etcd/client.ts';
import { readElectionUrl } from '../../wire/election-url.ts';
import { stringify } from '../../wire/json.ts';
import { MasterInfo as masterInfoSchema } from '../../wire/schema/mesos.ts';
import { candidatesOf, etcdParameters, requestTimeout } from '../etcd-election.ts';

export const etcdContender = defineModule({
  kind: 'MasterContender',
  name: 'etcd',
  description: 'Stands for election in etcd, with a key that lives as long as its lease',
  parameters: etcdParameters,
  create(context, { url, session_timeout: timeoutMs }) {
    const address = readElectionUrl(url);
    const etcd = connectEtcd(address, requestTimeout(timeoutMs));
    let self: MasterInfo | undefined;
    let withdraw = async () => {};
    return {
      initialize(info) {
        self = info;
      },
      async contend() {
        if (!self) throw new Error('Initialize the contender first');
        await withdraw();
        for (;;) {
          try {
            const entered = await enter(etcd, address.path, self, timeoutMs, context);
            withdraw = entered.withdraw;
            return entered.candidacy;
          } catch (cause) {
            // A lease that was granted all the same ends by itself.
            const isAway = cause instanceof EtcdError && cause.code === 'UNAVAILABLE';
            context.signal.throwIfAborted();
            if (!isAway) throw new Error('Failed to contend for leadership in etcd', { cause });
            await rest(RETRY_MS, context.signal);
          }
        }
      },
      withdraw: () => withdraw(),
    };
  },
});

const RETRY_MS = 500;

async function enter(
  etcd: Etcd,
  path: string,
  self: MasterInfo,
  timeoutMs: number,
  { log }: ModuleContext,
): Promise<{ readonly candidacy: Candidacy; withdraw(): Promise<void> }> {
  const ending = new AbortController();
  let sentAt = performance.now();
  const lease = await etcd.grantLease(Math.ceil(timeoutMs / 1000));
  // The server may give more than was asked for; we lead no longer than we meant to.
  let heldUntil = sentAt + timeoutMs;
  const key = `${candidatesOf(path)}${lease.id}`;
  const value = Buffer.from(stringify(masterInfoSchema, self));
  const epoch = await etcd.transact(undefined, [{ key, value, lease: lease.id }]);
  log.info('entered the election', { key });

  const keep = async (): Promise<void> => {
    while (!ending.signal.aborted && performance.now() < heldUntil) {
      await rest(timeoutMs / 6, ending.signal);
      sentAt = performance.now();
      const isKept = await etcd.renewLease(lease.id).catch(() => undefined);
      if (isKept === false) return;
      if (isKept) heldUntil = sentAt + timeoutMs;
    }
  };
  const candidacy: Candidacy = {
    lost: keep(),
    ...(epoch === undefined ? {} : { epoch }),
    isHeld: () => performance.now() < heldUntil,
  };
  return {
    candidacy,
    async withdraw() {
      ending.abort();
      await etcd.revokeLease(lease.id).catch(() => undefined);
    },
  };
}
