import type {
  ContainerFileOperation,
  ContainerLaunchInfo,
  ContainerMountInfo,
} from '@mesita/sdk/types/containerizer';
import { capabilityBits } from '../../linux/capabilities.ts';
import { clone, mount } from '../../linux/constants.ts';
import type { Confinement, FileStep, Place } from '../../linux/launcher/forker.ts';
import { compileSeccomp } from '../../linux/seccomp/compile.ts';

interface ConfinementInput {
  readonly info: ContainerLaunchInfo;
  /** The process whose namespaces are entered: the parent container's. Absent: there is none. */
  readonly parentPid?: number | undefined;
  readonly isNested: boolean;
  /**
   * Directories that users write to: their links must not lead mounts elsewhere. The root file
   * system and the root container's sandbox.
   */
  readonly writable: readonly string[];
}

/** What the launcher does to shut the process in. Throws what makes the launch impossible. */
export function createConfinement(input: ConfinementInput): Confinement | undefined {
  const { info, writable } = input;
  const flags = join(info.cloneNamespaces);
  const steps = createSteps(info, writable);
  if (flags & clone.NEWUSER) throw new Error('User namespaces are not supported yet');
  if (steps.some(({ kind }) => kind === 'mount') && !(flags & clone.NEWNS)) {
    throw new Error('Mounts are not supported if the mount namespace is not cloned');
  }
  if (info.rootfs !== undefined && !(flags & clone.NEWNS)) {
    throw new Error('A root file system needs a mount namespace of its own');
  }
  const confinement: Confinement = {
    ...(flags !== 0 && { clone: flags }),
    ...chooseEntered(input),
    ...(steps.length > 0 && { steps }),
    ...(info.rootfs !== undefined && { root: info.rootfs }),
    ...chooseCapabilities(info),
    ...(info.seccompProfile && {
      seccomp: compileSeccomp(info.seccompProfile, boundingOf(info)),
    }),
    ...(info.noNewPrivileges && { noNewPrivileges: true }),
  };
  return Object.keys(confinement).length > 0 ? confinement : undefined;
}

function chooseEntered({
  info,
  parentPid,
  isNested,
}: ConfinementInput): Pick<Confinement, 'enter'> {
  const flags = join(info.enterNamespaces);
  if (flags === 0) return {};
  if (!isNested) throw new Error('Cannot enter parent namespaces for non-nested container');
  if (parentPid === undefined) {
    throw new Error('Unknown parent container pid, can not enter namespaces');
  }
  return { enter: { pid: parentPid, flags } };
}

function join(flags: readonly number[] | undefined): number {
  return (flags ?? []).reduce((sum, flag) => sum | flag, 0);
}

function createSteps(info: ContainerLaunchInfo, writable: readonly string[]): FileStep[] {
  const confine = (path: string): Place => confinePath(path, writable);
  return [
    ...(info.mounts ?? []).map((each) => mountStep(each, confine)),
    ...(info.maskedPaths ?? []).map((path): FileStep => ({ kind: 'mask', target: confine(path) })),
    ...(info.fileOperations ?? []).map((each) => operationStep(each, confine)),
  ];
}

/** Below a directory that users write to, the path is resolved inside of it. */
function confinePath(path: string, writable: readonly string[]): Place {
  const roots = writable.filter((root) => path.startsWith(`${root}/`));
  const root = roots.sort((one, other) => other.length - one.length)[0];
  return root === undefined ? { path } : { root, path: path.slice(root.length) };
}

function mountStep(info: ContainerMountInfo, confine: (path: string) => Place): FileStep {
  const { source, target, type, flags = 0, options } = info;
  if (flags & mount.SHARED && (source === undefined || !(flags & mount.BIND))) {
    throw new Error(`Mount '${target}' has nothing to bind that it could share with the host`);
  }
  const from = type === undefined ? source && confine(source) : source && { path: source };
  return {
    kind: 'mount',
    target: confine(target),
    mount: {
      flags,
      ...(from && { source: from }),
      ...(type && { type }),
      ...(options && { options }),
    },
  };
}

function operationStep(
  { operation, symlink, mount: info, rename, mkdir }: ContainerFileOperation,
  confine: (path: string) => Place,
): FileStep {
  if (operation === 'MOUNT' && info) return mountStep(info, confine);
  if (operation === 'MKDIR' && mkdir?.target !== undefined) {
    return { kind: 'mkdir', target: confine(mkdir.target), recursive: mkdir.recursive ?? false };
  }
  const [from, to] = operation === 'SYMLINK' ? ends(symlink) : ends(rename);
  if (from === undefined || to === undefined) throw new Error('Malformed file operation');
  if (operation === 'SYMLINK') return { kind: 'symlink', to: from, target: confine(to) };
  return { kind: 'rename', from: confine(from), target: confine(to) };
}

function ends(
  pair: { readonly source?: string | undefined; readonly target?: string | undefined } | undefined,
): [string | undefined, string | undefined] {
  return [pair?.source, pair?.target];
}

/** The bounding set, when nobody named it, is what the process may use. */
function chooseCapabilities(info: ContainerLaunchInfo): Pick<Confinement, 'capabilities'> {
  const bounding = boundingOf(info);
  if (bounding === undefined) return {};
  const effective = info.effectiveCapabilities?.capabilities;
  if (!info.effectiveCapabilities) return { capabilities: { bounding } };
  return { capabilities: { bounding, effective: capabilityBits(effective ?? []) } };
}

function boundingOf(info: ContainerLaunchInfo): bigint | undefined {
  const chosen = info.boundingCapabilities ?? info.effectiveCapabilities;
  return chosen && capabilityBits(chosen.capabilities ?? []);
}
