/** Of one node, as its server counts it; undefined when there is no node. */
export type NodeVersion = string | number | undefined;

/**
 * What a coordination server offers a store: small transactions over nodes, guarded by the version
 * of one of them, the fence. Everything rejects with a `StorageError`; when a transaction rejects
 * it may have been made all the same.
 */
export interface Transactions {
  /** For one transaction. A node's value counts into the bytes, and has a limit of its own. */
  readonly limits: {
    readonly changes: number;
    readonly bytes: number;
    readonly value: number;
  };
  /** As of now, not as of a moment ago: what was committed before the call is seen. */
  readFence(): Promise<{ readonly value: Uint8Array; readonly version: NodeVersion } | undefined>;
  /** Every node but the fence. Only called when nobody else writes, or by one who only looks. */
  readNodes(): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * Makes all changes and gives the fence its new value, or does nothing and answers `conflict`
   * when the fence is not of the version expected.
   */
  transact(transaction: {
    readonly expected: NodeVersion;
    readonly fence: Uint8Array;
    readonly changes: ReadonlyMap<string, Uint8Array | undefined>;
  }): Promise<{ readonly version: NodeVersion } | 'conflict'>;
  close(): Promise<void>;
}
