import type { CommandInfo } from '@mesita/sdk/types';
import type { User } from '../../linux/users.ts';

export interface FetchRequest {
  readonly containerId: string;
  readonly command: CommandInfo;
  /** The sandbox. Nothing is written outside of it. */
  readonly directory: string;
  /** Who shall own what was fetched. */
  readonly user: User | undefined;
  readonly signal: AbortSignal;
}

/** Brings a command's URIs into its sandbox before it runs. */
export interface Fetcher {
  /** Rejects when one of them cannot be had. What went wrong stands in the sandbox's `stderr`. */
  fetch(request: FetchRequest): Promise<void>;
}

export function createFetcher(): Fetcher {
  return {
    async fetch({ command }) {
      if ((command.uris ?? []).length > 0) throw new Error('Fetching is not supported yet');
    },
  };
}
