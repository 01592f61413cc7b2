import type { Clock, Logger } from '@mesita/sdk/base';
import type { Candidacy } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import type { MasterEvent } from '../core/events.ts';
import { type Election, stand } from '../election.ts';
import type { Registrar } from '../registrar.ts';

interface LeadershipOptions {
  readonly election: Election;
  readonly info: MasterInfo;
  readonly registrar: Pick<Registrar, 'recover'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly post: (event: MasterEvent) => void;
  readonly exit: (reason: string) => void;
}

interface Leadership {
  /**
   * Stands for election. Resolves when it is known who leads, and where that is this master, when
   * the registry is recovered; rejects when that can't be.
   */
  start(): Promise<void>;
  /** This master led, and another one may do so by now. Asked before each effect. */
  hasLapsed(): boolean;
  /** Lets another one lead. Once nothing is written any more. */
  end(): Promise<void>;
}

/** A master's part in the election: it leads once at most, and ends when it has lost that. */
export function createLeadership(options: LeadershipOptions): Leadership {
  const { election, info, registrar, log, clock, post, exit } = options;
  const ending = new AbortController();
  let term: { readonly candidacy: Candidacy; readonly recovered: Promise<void> } | undefined;
  let isStarted = false;

  async function lead({ epoch }: Candidacy): Promise<void> {
    const registry = await registrar.recover(info, epoch).catch((cause) => {
      throw new Error(`Recovery failed: ${cause.message}`, { cause });
    });
    post({ type: 'RegistryRecovered', registry });
  }

  function onLeader(leader: MasterInfo | undefined, candidacy: Candidacy): void {
    post({ type: 'LeaderDetected', leader });
    if (leader?.id !== info.id || term) return;
    term = { candidacy, recovered: lead(candidacy) };
    term.recovered.catch((error: Error) => {
      // Whoever still waits for the start hears of it there.
      if (isStarted) exit(error.message);
    });
  }

  return {
    async start() {
      const { signal } = ending;
      await stand(election, { info, log, clock, signal, onLeader, onEnd: exit });
      await term?.recovered;
      isStarted = true;
    },
    hasLapsed: () => term?.candidacy.isHeld?.() === false,
    async end() {
      ending.abort();
      await election.contender.withdraw?.();
    },
  };
}
