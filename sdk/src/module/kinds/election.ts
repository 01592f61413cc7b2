import type { MasterInfo } from '../../types/index.ts';

/** One candidacy, once it was entered. */
export interface Candidacy {
  /** Resolves when it is lost; rejects when nobody can say any more. */
  readonly lost: Promise<void>;
  /**
   * Greater than that of every candidacy entered before, by anybody. A registry that several
   * masters share refuses what an earlier one still writes. Absent: nobody else can lead.
   */
  readonly epoch?: number;
  /**
   * False once another may have been elected in its place, by the contender's own clock: `lost` may
   * come later, for a process can be stopped in between. Asked before each act, so it answers at
   * once. Absent: it is held until `lost`.
   */
  isHeld?(): boolean;
}

/** Stands for election. Who leads and cannot say any more that he does, ends. */
export interface MasterContender {
  /** Once, before the first `contend`. */
  initialize(self: MasterInfo): void;
  /**
   * Enters, or enters again: an earlier candidacy is withdrawn. A rejection ends a start; a master
   * that follows tries again after a while.
   */
  contend(): Promise<Candidacy>;
  /** The master ends: withdraw, so that the next one need not wait for a timeout. */
  withdraw?(): Promise<void>;
}

/**
 * Finds the leading master, for masters, agents and schedulers. After a rejection it is asked again,
 * a little later each time, and what was known holds; `on_failure: fail` ends the daemon instead.
 */
export interface MasterDetector {
  /** Resolves when the leader is another one than `previous`; undefined: nobody leads. */
  detect(previous: MasterInfo | undefined, signal: AbortSignal): Promise<MasterInfo | undefined>;
}
