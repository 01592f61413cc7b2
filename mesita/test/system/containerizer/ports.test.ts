import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resources } from '@mesita/sdk/resources';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../harness/cluster.ts';
import {
  canUseLinuxLauncher,
  createScene,
  linuxLauncher,
  rootId,
  type Scene,
  shellConfig,
  until,
} from './scene.ts';

// Listeners of real containers, looked for as often as it goes.

describe.runIf(canUseLinuxLauncher)('network/ports', () => {
  let scene: Scene;

  async function start(flags: Record<string, unknown> = {}): Promise<void> {
    const options = linuxLauncher();
    scene = await createScene({ ...options, isolation: 'network/ports' }, undefined, {
      cgroups_root: options.cgroups.root,
      container_ports_watch_interval: 20,
      enforce_container_ports: true,
      ...flags,
    });
  }

  afterEach(async () => scene?.end());

  const listen = (port: number): string =>
    `exec "${process.execPath}" -e "require('net').createServer().listen(${port}, '127.0.0.1', () => require('fs').writeFileSync('up', ''))"`;

  async function launch(name: string, script: string, ports: string): Promise<void> {
    const resources = Resources.parse(`cpus:1${ports && `;ports:[${ports}]`}`);
    if (!resources.ok) throw new Error(resources.error);
    const config = shellConfig(scene.sandbox(name), script, {
      resources: resources.value.toMessages(),
    });
    await scene.containerizer.launch({ id: rootId(name), config, environment: {} });
  }

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
    const id = { value: 'inner', parent: rootId('pod') };
    const config = shellConfig('', listen(port));
    await scene.containerizer.launch({ id, config, environment: {} });
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
    const more = Resources.parse(`cpus:1;ports:[${late}-${late}]`);
    if (more.ok) await scene.containerizer.update(rootId('late'), more.value, {});
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
  const made = createScene({ ...linuxLauncher(), isolation: 'network/ports' }, undefined, {
    check_agent_port_range_only: true,
    container_ports_isolated_range: '[1-2]',
  });
  await expect(made).rejects.toThrow('Only one of `--check_agent_port_range_only` or');
});
