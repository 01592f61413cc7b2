import { err, ok, type Result } from '@mesita/sdk/base';
import type { DiskProfile } from '@mesita/sdk/module';
import type { ResourceProviderInfo } from '@mesita/sdk/types';

export interface Profile extends DiskProfile {
  /** Is it meant for this provider? */
  readonly applies: (provider: ResourceProviderInfo) => boolean;
  /** What it was read from: one that changed is another one. */
  readonly text: string;
}

const accessModes = [
  'SINGLE_NODE_WRITER',
  'SINGLE_NODE_READER_ONLY',
  'MULTI_NODE_READER_ONLY',
  'MULTI_NODE_SINGLE_WRITER',
  'MULTI_NODE_MULTI_WRITER',
];

type Json = Readonly<Record<string, unknown>>;

/** Reads Mesos' mapping of disk profiles: `{"profile_matrix": {"fast": {…}}}`. */
export function parseProfileMatrix(text: string): Result<ReadonlyMap<string, Profile>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return err(`not JSON: ${(error as Error).message}`);
  }
  const matrix = member(json, 'profile_matrix');
  const profiles = new Map<string, Profile>();
  for (const [name, manifest] of Object.entries(matrix ?? {})) {
    const profile = parseProfile(manifest);
    if (!profile.ok) return err(`profile '${name}': ${profile.error}`);
    profiles.set(name, profile.value);
  }
  return ok(profiles);
}

function parseProfile(manifest: unknown): Result<Profile> {
  const applies = parseSelector(manifest);
  if (!applies) return err('it selects no resource provider');
  const capabilities = member(manifest, 'volume_capabilities');
  const accessMode = member(capabilities, 'access_mode')?.mode;
  if (typeof accessMode !== 'string' || !accessModes.includes(accessMode)) {
    return err(`its access mode is none of ${accessModes.join(', ')}`);
  }
  const [block, mount] = [member(capabilities, 'block'), member(capabilities, 'mount')];
  if ((block === undefined) === (mount === undefined)) {
    return err("exactly one of 'block' and 'mount' must be set");
  }
  const parameters = member(manifest, 'create_parameters') ?? {};
  if (!Object.values(parameters).every((value) => typeof value === 'string')) {
    return err("'create_parameters' must be texts");
  }
  return ok({
    capability: { accessMode, ...(block ? { block: true } : { mount: readMount(mount ?? {}) }) },
    parameters: parameters as Record<string, string>,
    applies,
    text: JSON.stringify(manifest),
  });
}

function readMount({ fs_type: fsType, mount_flags: flags }: Json): {
  readonly fsType?: string;
  readonly flags?: readonly string[];
} {
  return {
    ...(typeof fsType === 'string' && { fsType }),
    ...(Array.isArray(flags) && { flags: flags.map(String) }),
  };
}

/** A list of providers by type and name, or all whose CSI plugin is of a type. */
function parseSelector(manifest: unknown): Profile['applies'] | undefined {
  const pluginType = member(manifest, 'csi_plugin_type_selector')?.plugin_type;
  if (typeof pluginType === 'string') {
    return ({ storage }) => storage?.plugin.type === pluginType;
  }
  const providers = member(manifest, 'resource_provider_selector')?.resource_providers;
  if (!Array.isArray(providers) || providers.length === 0) return undefined;
  return ({ type, name }) =>
    providers.some((one: unknown) => object(one)?.type === type && object(one)?.name === name);
}

function member(parent: unknown, key: string): Json | undefined {
  return object(object(parent)?.[key]);
}

function object(value: unknown): Json | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : undefined;
}
