import { readlinkSync } from 'node:fs';
import { defineModule, param } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';
import { clone, mount } from '../../../linux/constants.ts';
import { hasIsolator, isRoot, need, surroundings } from '../../host-needs.ts';
import { rememberPids } from '../../posix/container-pids.ts';

/** Containers see their own processes only. */
export default defineModule({
  kind: 'Isolator',
  name: 'namespaces/pid',
  description: 'A pid namespace for each container',
  parameters: {
    ...surroundings,
    disallow_sharing_agent_pid_namespace: param.bool({ default: false }),
  },
  create: (_context, flags) => {
    need(isRoot(), 'The pid namespace isolator requires root permissions');
    need(flags.launcher === 'linux', "'linux' launcher must be used to enable pid namespace");
    need(
      hasIsolator(flags.isolation, 'filesystem/linux'),
      "'filesystem/linux' must be used to enable pid namespace",
    );
    const { pidOf, ...remembering } = rememberPids();

    /** Then `/proc` shows the right processes as it is. */
    function isAgents(id: ContainerID): boolean {
      const pid = pidOf(id);
      return pid !== undefined && namespaceOf(pid) === namespaceOf('self');
    }

    return {
      ...remembering,
      supportsNesting: true,
      supportsStandalone: true,
      async prepare(id, { rootfs, containerInfo, containerClass }) {
        const shares = containerInfo?.linuxInfo?.sharePidNamespace ?? false;
        const enterNamespaces = id.parent ? [clone.NEWPID] : [];
        if (id.parent && containerClass === 'DEBUG') return { enterNamespaces };
        if (!id.parent && shares && flags.disallow_sharing_agent_pid_namespace) {
          throw new Error('Sharing agent pid namespace with top-level container is not allowed');
        }
        const isHosts = shares && (!id.parent || isAgents(id.parent));
        // In a root file system of its own `/proc` is mounted anyway.
        const mounts = isHosts || rootfs !== undefined ? [] : [proc];
        return { enterNamespaces, cloneNamespaces: shares ? [] : [clone.NEWPID], mounts };
      },
    };
  },
});

const proc = {
  source: 'proc',
  target: '/proc',
  type: 'proc',
  flags: mount.NOSUID | mount.NODEV | mount.NOEXEC,
};

function namespaceOf(pid: number | 'self'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return '';
  }
}
