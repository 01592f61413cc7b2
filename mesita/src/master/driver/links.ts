import type { Pid } from '@mesita/sdk/base';
import type { Messenger } from '../../net/messenger.ts';
import { parsePid } from '../../wire/pid.ts';

export interface Links {
  add(pid: Pid): void;
  /** The connection to an address broke: whoever was linked there is gone. */
  exited(address: string): void;
}

/** Who must be told of whose end: connections are by address, links by process. */
export function createLinks(
  messenger: Pick<Messenger, 'link'>,
  onExited: (pid: Pid) => void,
): Links {
  const byAddress = new Map<string, Set<Pid>>();
  return {
    add(pid) {
      const address = parsePid(pid)?.address;
      if (address === undefined) return;
      const linked = byAddress.get(address);
      if (linked) linked.add(pid);
      else byAddress.set(address, new Set([pid]));
      messenger.link(pid);
    },
    exited(address) {
      const linked = byAddress.get(address);
      byAddress.delete(address);
      for (const pid of linked ?? []) onExited(pid);
    },
  };
}
