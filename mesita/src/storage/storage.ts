/** What a store holds: who wrote last, and every record by its key. */
export interface StoredRecords {
  /** 0 when nobody has written yet. */
  readonly epoch: number;
  readonly records: ReadonlyMap<string, Uint8Array>;
}

export interface Commit {
  /**
   * Grows with every leader. A store that has seen a newer one refuses, so that a leader who does
   * not know yet that it was replaced changes nothing.
   */
  readonly epoch: number;
  /** What the keys hold from now on; undefined: nothing. */
  readonly changes: ReadonlyMap<string, Uint8Array | undefined>;
}

/**
 * Where a master keeps what must outlive it: keyed records, changed by what changes and never as a
 * whole. Everything rejects with a `StorageError`.
 */
export interface Storage {
  /** Reads everything. Leaders whose store others can write commit their epoch before. */
  load(): Promise<StoredRecords>;
  /**
   * Resolves when all of it is durable; a crash leaves all of it or nothing. Commits that overlap
   * are made in the order of the calls and may share a write. After one that failed every later
   * one fails: what the store holds is unknown.
   */
  commit(commit: Commit): Promise<void>;
  /** Waits for the commits under way. Nothing is called afterwards. */
  close(): Promise<void>;
}

export type StorageErrorCode =
  /** A newer epoch has written. */
  | 'stale-epoch'
  /** Another process has it open. */
  | 'in-use'
  /** What it holds is damaged. */
  | 'damaged'
  /** It holds what somebody else put there. */
  | 'foreign'
  /** A newer version of ours has written it. */
  | 'newer-format'
  /** The credentials do not suffice. */
  | 'denied'
  /** Its server answers, and will not do it: full, too old. */
  | 'refused'
  /** It cannot be reached, opened or written: no such server, a disk that is read-only or full. */
  | 'unavailable';

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Begins in the words of Mesos' registrar for a write that came too late. */
export function staleEpoch(epoch: number, newest: number): StorageError {
  return new StorageError(
    'stale-epoch',
    `version mismatch: a leader of epoch ${newest} has written since, this one's is ${epoch}`,
  );
}
