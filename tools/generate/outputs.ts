// Which schema files become which modules, and how a name of v0 is met by the one model, v1.
import type { DescEnum, DescMessage } from '@bufbuild/protobuf';

export interface Output {
  /** Module name: `<name>.ts` in the types folder and in wire/schema. */
  name: string;
  /** `sdk`: modules may see these types. `wire`: only the daemons do. */
  room: 'sdk' | 'wire';
  files: string[];
}

export const outputs: Output[] = [
  { name: 'mesos', room: 'sdk', files: ['mesos/v1/mesos.proto', 'google/protobuf/duration.proto'] },
  { name: 'scheduler', room: 'sdk', files: ['mesos/v1/scheduler/scheduler.proto'] },
  { name: 'executor', room: 'sdk', files: ['mesos/v1/executor/executor.proto'] },
  { name: 'master', room: 'sdk', files: ['mesos/v1/master/master.proto'] },
  { name: 'agent', room: 'sdk', files: ['mesos/v1/agent/agent.proto'] },
  { name: 'allocator', room: 'sdk', files: ['mesos/v1/allocator/allocator.proto'] },
  { name: 'maintenance', room: 'sdk', files: ['mesos/v1/maintenance/maintenance.proto'] },
  { name: 'quota', room: 'sdk', files: ['mesos/v1/quota/quota.proto'] },
  {
    name: 'resource-provider',
    room: 'sdk',
    files: ['mesos/v1/resource_provider/resource_provider.proto'],
  },
  { name: 'authorizer', room: 'sdk', files: ['mesos/authorizer/authorizer.proto'] },
  {
    name: 'containerizer',
    room: 'sdk',
    files: [
      'mesos/slave/containerizer.proto',
      'mesos/slave/oversubscription.proto',
      'mesos/seccomp/seccomp.proto',
      'mesos/appc/spec.proto',
    ],
  },
  { name: 'docker', room: 'sdk', files: ['mesos/docker/v1.proto'] },
  { name: 'hook', room: 'sdk', files: ['mesos/module/hook.proto'] },
  { name: 'acls', room: 'wire', files: ['mesos/authorizer/acls.proto'] },
  { name: 'module', room: 'wire', files: ['mesos/module/module.proto'] },
  { name: 'fetcher', room: 'wire', files: ['mesos/fetcher/fetcher.proto', 'mesos/uri/uri.proto'] },
  { name: 'v0-scheduler', room: 'wire', files: ['mesos/scheduler/scheduler.proto'] },
  {
    name: 'internal',
    room: 'wire',
    files: ['messages/messages.proto', 'mesos/authentication/authentication.proto'],
  },
  { name: 'flags', room: 'wire', files: ['messages/flags.proto'] },
  {
    name: 'registry',
    room: 'wire',
    files: ['master/registry.proto'],
  },
  {
    name: 'resource-provider-registry',
    room: 'wire',
    files: ['resource_provider/registry.proto'],
  },
  {
    name: 'agent-state',
    room: 'wire',
    files: ['slave/state.proto', 'mesos/state/state.proto', 'messages/state.proto'],
  },
  {
    name: 'cni',
    room: 'wire',
    files: ['slave/containerizer/mesos/isolators/network/cni/spec.proto'],
  },
];

/** Packages of v0 whose messages have a twin of equal numbers in v1. */
const twins = new Map([
  ['mesos/mesos.proto', 'mesos.v1'],
  ['mesos/allocator/allocator.proto', 'mesos.v1.allocator'],
  ['mesos/maintenance/maintenance.proto', 'mesos.v1.maintenance'],
  ['mesos/quota/quota.proto', 'mesos.v1.quota'],
  ['mesos/resource_provider/resource_provider.proto', 'mesos.v1.resource_provider'],
]);

/** The v1 name of a v0 type, or its own where it has no twin. */
export function modelName(type: DescMessage | DescEnum): string {
  const twin = twins.get(`${type.file.name}.proto`);
  if (!twin) return type.typeName;
  const local = type.typeName.slice(type.file.proto.package.length + 1);
  return `${twin}.${local.replace('SlaveID', 'AgentID').replace('SlaveInfo', 'AgentInfo')}`;
}

const moduleOfFile = new Map(outputs.flatMap((o) => o.files.map((f) => [f, o] as const)));
const fileOfTwin = new Map([...twins.keys()].map((f) => [f, f.replace('mesos/', 'mesos/v1/')]));

/** The module that holds a type's generated code. */
export function moduleOf(type: DescMessage | DescEnum): Output {
  const file = `${type.file.name}.proto`;
  const output = moduleOfFile.get(fileOfTwin.get(file) ?? file);
  if (!output) throw new Error(`${type.typeName}: no output generates ${file}`);
  return output;
}

/** `Offer.Operation` for `mesos.v1.Offer.Operation`. */
export function localName(type: DescMessage | DescEnum): string {
  const twin = twins.get(`${type.file.name}.proto`);
  const pkg = twin ?? type.file.proto.package;
  return modelName(type).slice(pkg.length + 1);
}

/** The property that holds a field: camel case, `agent` where v0 says `slave`. */
export function propertyName(field: string): string {
  const camel = field.replace(/_([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase());
  return camel.replace(/slave/g, 'agent').replace(/Slave/g, 'Agent');
}

export function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());
}
