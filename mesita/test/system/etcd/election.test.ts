// Who watches goes on to hear while any one of three servers stands still.
import type { Logger } from '@mesita/sdk/base';
import { createTestContext } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { etcdContender } from '../../../src/builtin/master-contender/etcd.ts';
import { detectInEtcd } from '../../../src/builtin/master-detector/etcd.ts';
import { readElectionUrl } from '../../../src/wire/election-url.ts';
import { hasEtcd, startEtcd } from '../../harness/etcd.ts';
import type { Ensemble } from '../../harness/server-process.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const master = (id: string): MasterInfo => ({ id, ip: 1, port: 5050 });

describe.skipIf(!hasEtcd())('three etcd servers', () => {
  let ensemble: Ensemble;
  beforeAll(async () => {
    ensemble = await startEtcd(3);
  });
  afterAll(() => ensemble?.stop());

  test('a new leader is heard of, whichever server is frozen', async () => {
    const url = `etcd://${ensemble.hosts}/frozen`;
    const ending = new AbortController();
    const { signal } = ending;
    const address = readElectionUrl(url);
    const detector = detectInEtcd({ address, timeoutMs: 3_000, signal, log });
    let leader: MasterInfo | undefined;
    for (const [index, server] of ensemble.servers.entries()) {
      const waiting = detector.detect(leader, signal);
      server.freeze();
      const { context } = createTestContext();
      const contender = await etcdContender.create(context, { url, session_timeout: 3_000 });
      contender.initialize(master(`m${index}`));
      await contender.contend();
      leader = await waiting;
      expect(leader?.id).toBe(`m${index}`);
      server.thaw();
      await contender.withdraw?.();
      leader = await detector.detect(leader, signal);
      expect(leader).toBeUndefined();
    }
    ending.abort();
  });
});
