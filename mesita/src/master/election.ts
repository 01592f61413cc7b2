import type { Logger } from '@mesita/sdk/base';
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
  /** Aborted when the master ends. */
  readonly signal: AbortSignal;
  /** Nobody, this one or another one leads: called once for each change, the first one included. */
  onLeader(leader: MasterInfo | undefined, candidacy: Candidacy): void;
  /** It must end: it has led and does no longer, or nobody can say who leads. */
  onEnd(reason: string): void;
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
      detect: (previous) => (previous?.id === self?.id ? never : Promise.resolve(self)),
    },
  };
}

/**
 * Stands for election until the master ends. Resolves when it is known for the first time who
 * leads. A candidacy that is lost before it led to anything is entered anew.
 */
export async function stand(election: Election, candidate: Candidate): Promise<void> {
  const { contender, detector } = election;
  const { info, log, signal, onLeader, onEnd } = candidate;
  let leader: MasterInfo | undefined;
  let candidacy: Candidacy;

  async function enter(): Promise<void> {
    candidacy = await contender.contend();
    candidacy.lost.then(
      () => {
        if (signal.aborted) return;
        if (leader?.id === info.id) return onEnd('Lost leadership: the candidacy is lost');
        log.info('lost the candidacy as a follower; contending again');
        enter().catch((error) => fail('Failed to contend', error));
      },
      (error) => fail('Failed to watch for candidacy', error),
    );
  }

  function fail(what: string, error: Error): void {
    if (!signal.aborted) onEnd(`${what}: ${error.message}`);
  }

  async function detect(): Promise<void> {
    const found = await detector.detect(leader, signal);
    if (signal.aborted) return;
    leader = found;
    log.info('the leading master was detected', { leader: found?.pid, id: found?.id });
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
  })().catch((error) => fail('Failed to detect the leading master', error));
}
