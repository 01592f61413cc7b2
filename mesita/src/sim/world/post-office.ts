import type { Pid } from '@mesita/sdk/base';
import type { Messenger } from '../../net/messenger.ts';
import { formatPid, parsePid } from '../../wire/pid.ts';
import type { SimulatedWorld } from './world.ts';

/** A libprocess message as it arrives. */
export interface Letter {
  readonly from: Pid;
  readonly to: Pid;
  readonly name: string;
  readonly body: Uint8Array;
}

const connection = 'libprocess';

/** The sending half of libprocess on the simulated network; bodies are bytes, as on a real one. */
export function createPostOffice(
  world: SimulatedWorld,
  host: string,
  onExited: (peer: string) => void,
): Messenger {
  const { network, trace, mailboxes } = world;
  const [ip = '', port] = host.split(':');
  const linked = new Set<string>();

  function link(peer: string): void {
    if (linked.has(peer)) return;
    linked.add(peer);
    network.watch(host, peer, connection, host, () => {
      linked.delete(peer);
      onExited(peer);
    });
  }

  return {
    send(to, from, name, body) {
      const parts = parsePid(to);
      if (!parts || parts.port === 0) return;
      const peer = parts.address;
      link(peer);
      trace.mix(body);
      const letter: Letter = { from: formatPid(from, ip, Number(port)), to, name, body };
      network.send(host, peer, connection, () => mailboxes.get(peer)?.(letter));
    },
    link(to) {
      const peer = parsePid(to)?.address;
      if (peer !== undefined) link(peer);
    },
    close() {},
  };
}
