// Requests and what answers them.
import type { ElectionUrl } from '../wire/election-url.ts';
import { errorOf } from './errors.ts';
import type { JuteReader, JuteWriter } from './jute.ts';

export interface Acl {
  /** Sum of 1 read, 2 write, 4 create, 8 delete, 16 admin. */
  readonly permissions: number;
  readonly scheme: 'world' | 'auth' | 'digest';
  readonly id: string;
}

/** Anybody may do anything. */
export const openToAll: readonly Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];
/** Everybody reads, and only whoever has the creator's credential writes. */
export const creatorAndReaders: readonly Acl[] = [
  { permissions: 31, scheme: 'auth', id: '' },
  { permissions: 1, scheme: 'world', id: 'anyone' },
];

/** As Mesos' masters set it: with a credential, others only read. */
export function aclOf({ credential }: Pick<ElectionUrl, 'credential'>): readonly Acl[] {
  return credential === undefined ? openToAll : creatorAndReaders;
}

export interface Stat {
  /** Number of the transaction that created the node: grows over the whole ensemble. */
  readonly createdBy: bigint;
  readonly modifiedBy: bigint;
  /** Counts changes of the data. */
  readonly version: number;
  /** Session of an ephemeral node, 0 for others. */
  readonly owner: bigint;
  readonly childCount: number;
}

/** One part of a transaction. */
export type Operation =
  | {
      readonly type: 'create';
      readonly path: string;
      readonly data: Uint8Array;
      readonly acl: readonly Acl[];
      readonly isEphemeral?: boolean;
      readonly isSequential?: boolean;
    }
  /** Without a version, any will do. */
  | { readonly type: 'delete'; readonly path: string; readonly version?: number | undefined }
  | {
      readonly type: 'set';
      readonly path: string;
      readonly data: Uint8Array;
      readonly version?: number | undefined;
    }
  | { readonly type: 'check'; readonly path: string; readonly version: number };

/** What one of them gives: the path of a created node, the new state of one that was set. */
export interface OperationResult {
  readonly path?: string;
  readonly stat?: Stat;
}

export const opCodes = {
  create: 1,
  delete: 2,
  exists: 3,
  get: 4,
  set: 5,
  sync: 9,
  ping: 11,
  children: 12,
  check: 13,
  multi: 14,
  auth: 100,
  close: -11,
} as const;

const ANY_VERSION = -1;

export function writeOperation(to: JuteWriter, operation: Operation): void {
  to.string(operation.path);
  if (operation.type === 'create') {
    to.buffer(operation.data);
    to.int(operation.acl.length);
    for (const { permissions, scheme, id } of operation.acl) {
      to.int(permissions);
      to.string(scheme);
      to.string(id);
    }
    to.int((operation.isEphemeral ? 1 : 0) + (operation.isSequential ? 2 : 0));
    return;
  }
  if (operation.type === 'set') to.buffer(operation.data);
  to.int(operation.version ?? ANY_VERSION);
}

export function readResult(from: JuteReader, type: Operation['type']): OperationResult {
  if (type === 'create') return { path: from.string() };
  if (type === 'set') return { stat: readStat(from) };
  return {};
}

export function readStat(from: JuteReader): Stat {
  const [createdBy, modifiedBy] = [from.long(), from.long()];
  // When it was created and changed, by the servers' clocks.
  from.long();
  from.long();
  const version = from.int();
  // Versions of its children and of its list of permissions.
  from.int();
  from.int();
  const owner = from.long();
  // Length of its data.
  from.int();
  const childCount = from.int();
  from.long();
  return { createdBy, modifiedBy, version, owner, childCount };
}

export function writeTransaction(to: JuteWriter, operations: readonly Operation[]): void {
  for (const operation of operations) {
    writeHeader(to, opCodes[operation.type], false);
    writeOperation(to, operation);
  }
  writeHeader(to, -1, true);
}

function writeHeader(to: JuteWriter, type: number, isLast: boolean): void {
  to.int(type);
  to.bool(isLast);
  to.int(-1);
}

/** Throws the error of the part that failed. */
export function readTransaction(
  from: JuteReader,
  operations: readonly Operation[],
): OperationResult[] {
  const results: OperationResult[] = [];
  let failure: Error | undefined;
  for (const { type, path } of operations) {
    const found = from.int();
    from.bool();
    from.int();
    if (found !== -1) {
      results.push(readResult(from, type));
      continue;
    }
    const error = errorOf(from.int(), `${type} ${path}`);
    // The others only say that they were not done because of that one.
    if (error.code !== 'ROLLED_BACK') failure ??= error;
  }
  if (results.length < operations.length) throw failure ?? errorOf(0, 'transaction');
  return results;
}
