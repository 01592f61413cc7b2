/** A part of an agent in somebody's hands: an open offer, or a running task. */
export interface Lease {
  /** It is over, and given back; nothing happens when it was over already. */
  readonly end: () => void;
  /** It is over without being given back. False: it was over already. */
  readonly close: () => boolean;
}

export interface Leases {
  open(framework: string, agent: string, giveBack: () => void): Lease;
  /** Everything of a framework or on an agent is given back. */
  endOf(frameworkOrAgent: string): void;
}

export function createLeases(): Leases {
  const byOwner = new Map<string, Set<Lease>>();
  function of(owner: string): Set<Lease> {
    let leases = byOwner.get(owner);
    if (leases === undefined) {
      leases = new Set();
      byOwner.set(owner, leases);
    }
    return leases;
  }
  return {
    open(framework, agent, giveBack) {
      const [here, theirs] = [of(agent), of(framework)];
      const lease: Lease = {
        close: () => here.delete(lease) && theirs.delete(lease),
        end() {
          if (lease.close()) giveBack();
        },
      };
      theirs.add(lease);
      here.add(lease);
      return lease;
    },
    endOf(owner) {
      for (const lease of [...of(owner)]) lease.end();
      byOwner.delete(owner);
    },
  };
}
