import type { MasterInfo } from '@mesita/sdk/types';
import type { MasterEffect } from '../../master/core/effects.ts';
import type { Fail } from './checks.ts';

/** Who may speak: the one whose candidacy is the first, as the servers have it. */
export interface LeadershipChecks {
  /** A master is about to act. */
  acts(master: MasterInfo, effect: MasterEffect): void;
  /** Somebody has written the registry, under this epoch. */
  wrote(epoch: number): void;
}

/** What others hear, and believe to come from the leader. */
const heard: ReadonlySet<MasterEffect['type']> = new Set(['send', 'publish', 'openStream']);

/** `leaderId` is the truth; undefined while nobody leads. */
export function createLeadershipChecks(
  fail: Fail,
  leaderId: () => string | undefined,
): LeadershipChecks {
  let newest = 0;
  return {
    acts({ id }, effect) {
      if (!heard.has(effect.type)) return;
      const leader = leaderId();
      if (leader === id) return;
      const what = effect.type === 'send' ? effect.message.name : effect.type;
      const name = id && nameOf(id);
      fail(`${name} acts (${what}) while ${leader ? nameOf(leader) : 'nobody'} leads`, [
        name ?? 'master',
        ...(leader ? [nameOf(leader)] : []),
      ]);
    },
    wrote(epoch) {
      if (epoch < newest) fail(`epoch ${epoch} writes after epoch ${newest}`, ['master']);
      newest = Math.max(newest, epoch);
    },
  };
}

function nameOf(id: string): string {
  return `master-${Number(id.slice(-12))}`;
}
