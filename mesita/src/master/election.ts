import type { Clock, Logger } from '@mesita/sdk/base';
import type { Candidacy, MasterContender, MasterDetector } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';

/** How a master comes to lead. */
export interface Election {
  readonly contender: MasterContender;
  readonly detector: MasterDetector;
}

/** What a master does about it. */
interface Candidate {
  readonly info: MasterInfo;
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborted when the master ends. */
  readonly signal: AbortSignal;
  /** Nobody, this one or another one leads: called once for each change, the first one included. */
  onLeader(leader: MasterInfo | undefined, candidacy: Candidacy): void;
  /** It must end: it has led and does no longer, or nobody can say who leads. */
  onEnd(reason: string): void;
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Leads at once, and alone: the election of a single master. */
export function createStandaloneElection(): Election {
  let self: MasterInfo | undefined;
  const never = new Promise<never>(() => {});
  return {
    contender: {
      initialize(info) {
        self = info;
      },
      contend: () => Promise.resolve({ lost: never }),
    },
    detector: {
      detect: (previous, signal) =>
        previous?.id === self?.id ? rejection(signal) : Promise.resolve(self),
    },
  };
}

const FIRST_REST_MS = 1_000;
const MAX_REST_MS = 5_000;

/**
 * Stands for election until the master ends. Resolves when it is known for the first time who
 * leads. A candidacy that is lost before it led to anything is entered anew, until that succeeds.
 */
export async function stand(election: Election, candidate: Candidate): Promise<void> {
  const { contender, detector } = election;
  const { info, log, clock, signal, onLeader, onEnd } = candidate;
  let leader: MasterInfo | undefined;
  let candidacy: Candidacy;
  let isEntered = false;

  async function enter(): Promise<void> {
    candidacy = await contender.contend();
    isEntered = true;
    candidacy.lost.then(
      () => leave('Lost leadership: the candidacy is lost'),
      (error) => leave(`Failed to watch for candidacy: ${error.message}`),
    );
  }

  function leave(reason: string): void {
    if (signal.aborted) return;
    isEntered = false;
    if (leader?.id === info.id) return onEnd(reason);
    log.info('lost the candidacy as a follower; contending again', { reason });
    void enterAgain();
  }

  async function enterAgain(): Promise<void> {
    for (let restMs = FIRST_REST_MS; ; restMs = Math.min(restMs * 2, MAX_REST_MS)) {
      try {
        return await enter();
      } catch (error) {
        if (signal.aborted) return;
        log.warn('failed to contend; trying again', { error, restMs });
      }
      await new Promise<void>((resolve) => void clock.setTimer(restMs, resolve));
      if (signal.aborted) return;
    }
  }

  async function detect(): Promise<void> {
    const found = await detector.detect(leader, signal);
    if (signal.aborted) return;
    leader = found;
    log.info('the leading master was detected', { leader: found?.pid, id: found?.id });
    // News of a candidacy that is lost by now.
    if (found?.id === info.id && !isEntered) return onEnd('Lost leadership: the candidacy is lost');
    onLeader(found, candidacy);
  }

  contender.initialize(info);
  await enter().catch((cause) => {
    throw new Error('Failed to contend', { cause });
  });
  await detect().catch((cause) => {
    throw new Error('Failed to detect the leading master', { cause });
  });
  void (async () => {
    while (!signal.aborted) await detect();
  })().catch((error: Error) => {
    if (!signal.aborted) onEnd(`Failed to detect the leading master: ${error.message}`);
  });
}
