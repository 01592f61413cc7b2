// A few rounds of what `npm run rounds` does a hundred of: see `mesita/test/rounds`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { hasEtcd } from '../../harness/etcd.ts';
import { hasNetworks } from '../../harness/network.ts';
import { hasZooKeeper } from '../../harness/zookeeper.ts';

const program = join(import.meta.dirname, '../../rounds/main.ts');
const typescript = ['--conditions=mesita-source', '--import', 'tsx'];

function rounds(...options: readonly string[]) {
  const args = [...typescript, program, '--tasks=8', ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  console.log(stdout);
  return { status, stdout, stderr };
}

describe.skipIf(!hasNetworks())('rounds', () => {
  test.skipIf(!hasZooKeeper())('cut networks lose nothing with three ZooKeepers', () => {
    expect(rounds('--seed=ci', '--rounds=4', '--servers=3', '--only=cut')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('none lost, none run twice, none out of order'),
    });
  });

  test.skipIf(!hasEtcd())('kills and freezes lose nothing with an etcd', () => {
    expect(rounds('--seed=ci', '--rounds=4', '--engine=etcd')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('none lost, none run twice, none out of order'),
    });
  });
});
