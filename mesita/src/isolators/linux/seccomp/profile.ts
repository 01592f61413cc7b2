import type { CapabilityInfo } from '@mesita/sdk/types';
import type { ContainerSeccompProfile } from '@mesita/sdk/types/containerizer';
import { capabilityBits } from '../../../linux/capabilities.ts';
import { compileSeccomp } from '../../../linux/seccomp/compile.ts';

type Syscall = ContainerSeccompProfile.Syscall;
type Action = ContainerSeccompProfile.Syscall.Action;
type Argument = ContainerSeccompProfile.Syscall.Arg;
type Operator = ContainerSeccompProfile.Syscall.Arg.Operator;
type Architecture = ContainerSeccompProfile.Architecture;
type Json = Readonly<Record<string, unknown>>;

/** What docker's profiles call the machines that Node runs on. */
const architectures: Readonly<Record<string, string>> = {
  x86: 'ia32',
  amd64: 'x64',
  x32: '',
  arm: 'arm',
  arm64: 'arm64',
  mips: 'mips',
  mipsel: 'mipsel',
  mips64: '',
  mipsel64: 'mips64el',
  mips64n32: '',
  mipsel64n32: '',
  ppc: '',
  ppc64le: 'ppc64',
  s390: '',
  s390x: 's390x',
};

const machines: Readonly<Record<string, string>> = {
  SCMP_ARCH_X86: 'ia32',
  SCMP_ARCH_X86_64: 'x64',
  SCMP_ARCH_ARM: 'arm',
  SCMP_ARCH_AARCH64: 'arm64',
  SCMP_ARCH_MIPSEL: 'mipsel',
  SCMP_ARCH_MIPSEL64: 'mips64el',
  SCMP_ARCH_PPC64LE: 'ppc64',
  SCMP_ARCH_S390X: 's390x',
};

/** A profile in docker's format, as far as it concerns this machine. Throws what is wrong in it. */
export function parseSeccompProfile(
  text: string,
  machine: string = process.arch,
): ContainerSeccompProfile {
  const json = asObject(JSON.parse(text), 'The profile');
  const profile: ContainerSeccompProfile = {
    defaultAction: scmp<Action>(
      string(json, 'defaultAction', 'the Seccomp configuration'),
      'syscall action',
    ),
    architectures: readArchitectures(json, machine),
    syscalls: list(json, 'syscalls', 'the Seccomp configuration').flatMap((each) =>
      readSyscall(asObject(each, "'syscalls' contains a non-object item"), machine),
    ),
  };
  // Now it is a bad profile; at a launch it would be a task's failure.
  compileSeccomp(profile, undefined, machine);
  return profile;
}

function readArchitectures(json: Json, machine: string): Architecture[] {
  return list(json, 'archMap', 'the Seccomp configuration').flatMap((each) => {
    const item = asObject(each, "'archMap' contains a non-object item");
    const name = string(item, 'architecture', "'archMap' item");
    const architecture = scmp<Architecture>(name, 'architecture');
    if (machines[name] !== machine) return [];
    const others = list(item, 'subArchitectures', "'archMap' item").map((sub) => {
      if (typeof sub === 'string') {
        return scmp<Architecture>(sub, 'architecture');
      }
      throw new Error("'subArchitectures' contains a non-string item");
    });
    return [...others, architecture];
  });
}

/** Nothing for a rule that does not concern this machine. */
function readSyscall(item: Json, machine: string): Syscall[] {
  const includes = readFilter(item, 'includes', machine);
  const excludes = readFilter(item, 'excludes', machine);
  if (includes.isForMachine === false || excludes.isForMachine === true) return [];
  const names = list(item, 'names', "'syscalls' item");
  if (!names.every((name) => typeof name === 'string')) {
    throw new Error("'names' contains a non-string item");
  }
  if (names.length === 0) throw new Error("Syscall 'names' list is empty");
  return [
    {
      names: names as string[],
      action: scmp<Action>(string(item, 'action', "'syscalls' item"), 'syscall action'),
      args: optionalList(item, 'args').map((each) =>
        readArgument(asObject(each, "'args' contains a non-object item")),
      ),
      ...(includes.capabilities && { includes: { capabilities: includes.capabilities } }),
      ...(excludes.capabilities && { excludes: { capabilities: excludes.capabilities } }),
    },
  ];
}

interface Filter {
  /** Undefined: it names no machine. */
  readonly isForMachine?: boolean | undefined;
  readonly capabilities?: readonly CapabilityInfo.Capability[] | undefined;
}

function readFilter(item: Json, field: string, machine: string): Filter {
  // Docker leaves out what is empty.
  if (item[field] === undefined || item[field] === null) return {};
  const filter = asObject(item[field], `'${field}' is no object`);
  const arches = filter.arches === undefined ? undefined : optionalList(filter, 'arches');
  const caps = filter.caps === undefined ? undefined : optionalList(filter, 'caps');
  return {
    isForMachine: arches?.map(machineOf).includes(machine),
    capabilities: caps?.map(capabilityOf),
  };
}

function machineOf(name: unknown): string | undefined {
  if (typeof name !== 'string') throw new Error("'arches' contains non-string item");
  if (!Object.hasOwn(architectures, name)) throw new Error(`Unknown architecture: '${name}'`);
  return architectures[name];
}

function capabilityOf(name: unknown): CapabilityInfo.Capability {
  if (typeof name !== 'string') throw new Error("'caps' contains non-string item");
  if (!name.startsWith('CAP_')) throw new Error(`Unexpected capability: '${name}'`);
  const capability = name.slice('CAP_'.length) as CapabilityInfo.Capability;
  if (capabilityBits([capability]) === 0n) throw new Error(`Unknown capability: '${name}'`);
  return capability;
}

function readArgument(item: Json): Argument {
  const number = (field: string): number => {
    const value = item[field];
    if (typeof value === 'number') return value;
    throw new Error(`Cannot determine '${field}' field for 'args' item: Not found`);
  };
  return {
    index: number('index'),
    value: number('value'),
    valueTwo: item.valueTwo === undefined ? 0 : number('valueTwo'),
    op: scmp<Operator>(string(item, 'op', "'args' item"), 'operation'),
  };
}

/** Names of libseccomp's, without their `SCMP_`. What is none is found when the rule is compiled. */
function scmp<T extends string>(name: string, what: string): T {
  if (!name.startsWith('SCMP_')) throw new Error(`Unexpected ${what}: '${name}'`);
  return name.slice('SCMP_'.length) as T;
}

function asObject(value: unknown, complaint: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new Error(complaint);
}

function string(json: Json, field: string, where: string): string {
  const value = json[field];
  if (typeof value === 'string') return value;
  throw new Error(`Cannot determine '${field}' for ${where}: Not found`);
}

function list(json: Json, field: string, where: string): readonly unknown[] {
  const value = json[field];
  if (Array.isArray(value)) return value;
  throw new Error(`Cannot determine '${field}' for ${where}: Not found`);
}

function optionalList(json: Json, field: string): readonly unknown[] {
  const value = json[field];
  return Array.isArray(value) ? value : [];
}
