import { param } from '@mesita/sdk/module';

export const etcdParameters = {
  url: param.secret({
    required: true,
    help: 'etcd://[user:password@]host:port,…/path, as of --etcd.',
  }),
  session_timeout: param.duration({
    default: '10secs',
    help: 'A master that etcd does not hear of for so long leads no longer; etcd may take more.',
  }),
};

/** Where candidates lie, each under the number of its lease; the one made first leads. */
export function candidatesOf(path: string): string {
  return `${path}/candidates/`;
}

/** A server that is silent is left for the next one well before the session ends. */
export function requestTimeout(timeoutMs: number): number {
  return Math.max(1_000, Math.round(timeoutMs / 3));
}
