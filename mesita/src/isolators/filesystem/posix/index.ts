import { defineModule } from '@mesita/sdk/module';
import { createVolumeLinks } from './volume-links.ts';

/** Containers see the host's file system; persistent volumes are links in the sandbox. */
export default defineModule({
  kind: 'Isolator',
  name: 'filesystem/posix',
  description: 'No file system of its own; persistent volumes as links in the sandbox',
  create: ({ workDir, log }) => {
    const links = createVolumeLinks(workDir, log);
    return {
      supportsNesting: true,
      supportsStandalone: true,
      async recover(states) {
        for (const { containerId, directory } of states) links.remember(containerId, directory);
      },
      async prepare(id, config) {
        if (config.rootfs !== undefined) {
          throw new Error('Container root filesystems not supported');
        }
        links.remember(id, config.directory);
        if (!id.parent) await links.update(id, config.resources ?? []);
        return undefined;
      },
      async update(id, requests) {
        await links.update(id, requests.toMessages());
      },
      async cleanup(id) {
        links.forget(id);
      },
    };
  },
});
