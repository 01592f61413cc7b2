import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../harness/cluster.ts';
import {
  canUseLinuxLauncher,
  createLinuxScene,
  resources,
  rootId,
  type Scene,
  until,
} from './scene.ts';

// Listeners of real containers, looked for as often as it goes.

describe.runIf(canUseLinuxLauncher)('network/ports', () => {
  let scene: Scene;

  async function start(flags: Record<string, unknown> = {}): Promise<void> {
    scene = await createLinuxScene('network/ports', {
      container_ports_watch_interval: 20,
      enforce_container_ports: true,
      ...flags,
    });
  }

  afterEach(async () => scene?.end());

  const listen = (port: number): string =>
    `exec "${process.execPath}" -e "require('net').createServer().listen(${port}, '127.0.0.1', () => require('fs').writeFileSync('up', ''))"`;

  const launch = (name: string, script: string, ports: string) =>
    scene.launch(name, script, {
      resources: resources(`cpus:1${ports && `;ports:[${ports}]`}`).toMessages(),
    });

  const isUp = (name: string) => until(() => existsSync(join(scene.root, 'work', name, 'up')));

  test('who listens on a port of others is ended, and told which', async () => {
    await start();
    const port = await freePort();
    await launch('thief', listen(port), `${port + 1}-${port + 2}`);
    const end = await scene.containerizer.wait(rootId('thief'));
    expect(end).toMatchObject({
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LIMITATION',
      message: `Container thief is listening on unallocated port(s): [${port}-${port}]`,
      limitedResources: [{ name: 'ports', ranges: { range: [{ begin: port, end: port }] } }],
    });
  });

  test('nested containers listen on ports of their root, and are ended with it', async () => {
    await start();
    const port = await freePort();
    await launch('pod', 'sleep 1400', '');
    await scene.launch({ value: 'inner', parent: rootId('pod') }, listen(port));
    const end = await scene.containerizer.wait(rootId('pod'));
    expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION');
  });

  test('what is allowed, added later, or beyond the range goes on', async () => {
    const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const [own, late, bait, far] = ports;
    const range = [own, late, bait].map((port) => `${port}-${port}`).join(',');
    await start({ container_ports_isolated_range: `[${range}]` });
    await launch('own', listen(own), `${own}-${own}`);
    await launch('far', listen(far), '');
    await launch('late', `while [ ! -e go ]; do sleep 0.02; done; ${listen(late)}`, '');
    const more = resources(`cpus:1;ports:[${late}-${late}]`);
    await scene.containerizer.update(rootId('late'), more, {});
    writeFileSync(join(scene.root, 'work/late/go'), '');
    await Promise.all(['own', 'far', 'late'].map(isUp));
    // A thief that came after them was seen: so they were looked at, too.
    await launch('thief', listen(bait), '');
    const end = await scene.containerizer.wait(rootId('thief'));
    expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION');
    expect((await scene.containerizer.containers()).map(({ value }) => value).sort()).toEqual([
      'far',
      'late',
      'own',
    ]);
  });
});

test.runIf(canUseLinuxLauncher)('two ranges at once are refused', async () => {
  const made = createLinuxScene('network/ports', {
    check_agent_port_range_only: true,
    container_ports_isolated_range: '[1-2]',
  });
  await expect(made).rejects.toThrow('Only one of `--check_agent_port_range_only` or');
});
