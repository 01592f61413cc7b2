import type { Confinement } from '../../linux/launcher/forker.ts';
import type { Launcher } from './launcher.ts';
import { createSupervisedLauncher, type SupervisedLauncherOptions } from './supervised-launcher.ts';

interface PosixLauncherOptions extends SupervisedLauncherOptions {
  /** Was the launcher compiled? A shell cannot confine at all. */
  readonly isCompiled: boolean;
}

/** Sessions and process groups, no limits. What the `posix` launcher of Mesos does. */
export function createPosixLauncher(options: PosixLauncherOptions): Launcher {
  const supervised = createSupervisedLauncher(options);
  return {
    ...supervised,
    name: 'posix',
    async fork(id, spec) {
      const refusal = refuseConfinement(spec.confinement ?? {}, options.isCompiled);
      if (refusal) throw new Error(refusal);
      return supervised.fork(id, spec);
    },
  };
}

/**
 * Why this launcher cannot do what isolators want: better no container than one that is not shut in
 * as it should be. Undefined: it can.
 */
function refuseConfinement(
  { clone, enter, root, steps, capabilities, seccomp, noNewPrivileges }: Confinement,
  isCompiled: boolean,
): string | undefined {
  const forLinux = "are not supported by the 'posix' launcher; use --launcher=linux";
  if (clone || enter) return `Namespaces ${forLinux}`;
  if (root !== undefined) return `Root file systems ${forLinux}`;
  if (steps && steps.length > 0) return `Mounts and file operations ${forLinux}`;
  if (isCompiled) return undefined;
  const forCompiled = 'need the compiled launcher, and no compiler was found when it was built';
  if (capabilities) return `Capabilities ${forCompiled}`;
  if (seccomp) return `Seccomp filters ${forCompiled}`;
  return noNewPrivileges ? `Processes without new privileges ${forCompiled}` : undefined;
}
