import type { Resources } from '@mesita/sdk/resources';
import { jainIndex } from './statistics.ts';

/** What the laboratory itself counts; it asks no allocator. */
export interface Sample {
  readonly atMs: number;
  /** Dominant share of what tasks of the role hold, by role. */
  readonly shares: ReadonlyMap<string, number>;
  /** Parts of the cluster that tasks hold, and that lie in open offers, by resource. */
  readonly used: ReadonlyMap<string, number>;
  readonly offered: ReadonlyMap<string, number>;
  /** Of frameworks that wait for something; undefined while fewer than two do. */
  readonly fairness: number | undefined;
  readonly waitingTasks: number;
}

/** A framework under one role. */
export interface Account {
  readonly framework: string;
  readonly role: string;
  waiting: number;
  offers: number;
  /** Offers of which something was used. */
  accepted: number;
  readonly used: Float64Array;
}

export interface Ledger {
  readonly names: readonly string[];
  account(framework: string, role: string): Account;
  readonly accounts: readonly Account[];
  setWeight(role: string, weight: number): void;
  addTotal(resources: Resources, sign: 1 | -1): void;
  addOffered(resources: Resources, sign: 1 | -1): void;
  addUsed(account: Account, resources: Resources, sign: 1 | -1): void;
  sample(atMs: number): Sample;
}

const FIRST = ['cpus', 'mem', 'disk', 'gpus'];

/** `all` holds every resource that may come up: its scalars are what is counted. */
export function createLedger(all: Resources): Ledger {
  const scalars = all.scalars().names();
  const names = [
    ...FIRST.filter((name) => scalars.includes(name)),
    ...scalars.filter((name) => !FIRST.includes(name)).sort(),
  ];
  const total = new Float64Array(names.length);
  const offered = new Float64Array(names.length);
  const accounts = new Map<string, Account>();
  const weights = new Map<string, number>();

  const places = new Map(names.map((name, i) => [name, i]));

  function add(to: Float64Array, { items }: Resources, sign: 1 | -1): void {
    for (const { type, of, value } of items) {
      const place = type === 'SCALAR' ? places.get(of.template.name) : undefined;
      if (place !== undefined) to[place] = (to[place] ?? 0) + sign * (value as number);
    }
  }
  const partOf = (amounts: Float64Array, i: number) =>
    (total[i] ?? 0) > 0 ? (amounts[i] ?? 0) / (total[i] as number) : 0;
  const shareOf = (amounts: Float64Array) =>
    names.reduce((share, _, i) => Math.max(share, partOf(amounts, i)), 0);
  const parts = (amounts: Float64Array) =>
    new Map(names.map((name, i) => [name, partOf(amounts, i)]));

  /** Each share in proportion to what it should be: its part of the role's weight. */
  function fairness(): number | undefined {
    const hungry = [...accounts.values()].filter(({ waiting }) => waiting > 0);
    const perRole = new Map<string, number>();
    for (const { role } of hungry) perRole.set(role, (perRole.get(role) ?? 0) + 1);
    const ratios = hungry.map(
      ({ role, used }) => (shareOf(used) * (perRole.get(role) ?? 1)) / (weights.get(role) ?? 1),
    );
    return jainIndex(ratios);
  }

  return {
    names,
    get accounts() {
      return [...accounts.values()];
    },
    account(framework, role) {
      const key = `${framework}\n${role}`;
      let account = accounts.get(key);
      if (account === undefined) {
        const used = new Float64Array(names.length);
        account = { framework, role, waiting: 0, offers: 0, accepted: 0, used };
        accounts.set(key, account);
      }
      return account;
    },
    setWeight: (role, weight) => void weights.set(role, weight),
    addTotal: (resources, sign) => add(total, resources, sign),
    addOffered: (resources, sign) => add(offered, resources, sign),
    addUsed: (account, resources, sign) => add(account.used, resources, sign),
    sample(atMs) {
      const used = new Float64Array(names.length);
      const roles = new Map<string, Float64Array>();
      let waitingTasks = 0;
      for (const account of accounts.values()) {
        const ofRole = roles.get(account.role) ?? new Float64Array(names.length);
        roles.set(account.role, ofRole);
        waitingTasks += account.waiting;
        for (const [i, amount] of account.used.entries()) {
          ofRole[i] = (ofRole[i] ?? 0) + amount;
          used[i] = (used[i] ?? 0) + amount;
        }
      }
      const shares = new Map([...roles].map(([role, amounts]) => [role, shareOf(amounts)]));
      return {
        atMs,
        shares,
        used: parts(used),
        offered: parts(offered),
        fairness: fairness(),
        waitingTasks,
      };
    },
  };
}
