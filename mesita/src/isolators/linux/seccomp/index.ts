import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defineModule, param } from '@mesita/sdk/module';
import type { ContainerSeccompProfile } from '@mesita/sdk/types/containerizer';
import { isWithin } from '../../../linux/mount-table.ts';
import { isRoot, need } from '../../host-needs.ts';
import { parseSeccompProfile } from './profile.ts';

const maxProfileBytes = 1 << 20;

/** Only the system calls that a profile allows. */
export default defineModule({
  kind: 'Isolator',
  name: 'linux/seccomp',
  description: 'System call filters, from profiles in docker’s format',
  parameters: {
    seccomp_config_dir: param.string(),
    seccomp_profile_name: param.string(),
  },
  create: (_context, { seccomp_config_dir: directory, seccomp_profile_name: defaultName }) => {
    need(isRoot(), 'Linux Seccomp isolator requires root permissions');
    if (directory === undefined) throw new Error('Missing required `--seccomp_config_dir` flag');
    const fallback = defaultName === undefined ? undefined : readProfile(directory, defaultName);
    return {
      supportsNesting: true,
      supportsStandalone: true,
      async prepare(_id, { containerInfo }) {
        const asked = containerInfo?.linuxInfo?.seccomp;
        const name = asked?.profileName;
        if (asked?.unconfined && name !== undefined) {
          throw new Error(
            "Invalid Seccomp configuration: 'profile_name' given even though 'unconfined' Seccomp setting is enabled",
          );
        }
        if (asked?.unconfined) return undefined;
        if (asked && name === undefined) throw new Error('Missing Seccomp profile name');
        const profile = name === undefined ? fallback : readProfile(directory, name);
        return profile && { seccompProfile: profile };
      },
    };
  },
});

/** Frameworks name profiles, too: no name leads out of the directory. */
function readProfile(directory: string, name: string): ContainerSeccompProfile {
  const path = join(directory, name);
  const text = attempt(`Failed to read Seccomp profile file '${path}'`, () => {
    const real = realpathSync(path);
    if (!isWithin(real, realpathSync(directory))) throw new Error('It is outside of the directory');
    const info = statSync(real);
    if (!info.isFile() || info.size > maxProfileBytes) throw new Error('It is no profile');
    return readFileSync(real, 'utf8');
  });
  return attempt(`Failed to parse Seccomp profile '${path}'`, () => parseSeccompProfile(text));
}

function attempt<T>(failed: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${failed}: ${text}`, { cause });
  }
}
