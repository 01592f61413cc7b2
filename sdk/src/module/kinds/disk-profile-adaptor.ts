import type { ResourceProviderInfo } from '../../types/index.ts';

export interface DiskProfile {
  readonly capability: {
    readonly accessMode: string;
    readonly block?: boolean;
    readonly mount?: { readonly fsType?: string; readonly flags?: readonly string[] };
  };
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the disk profiles of frameworks mean to a storage plugin. */
export interface DiskProfileAdaptor {
  /** A rejection fails the operation that named the profile. */
  translate(profile: string, provider: ResourceProviderInfo): Promise<DiskProfile>;
  /** Resolves to the profiles once they are others than `known`. */
  watch(
    known: ReadonlySet<string>,
    provider: ResourceProviderInfo,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>>;
}
