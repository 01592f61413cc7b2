import { ZooKeeperError } from '../../zookeeper/errors.ts';
import type { Operation, OperationResult, Stat } from '../../zookeeper/records.ts';

interface Node {
  data: Uint8Array;
  readonly createdBy: bigint;
  modifiedBy: bigint;
  version: number;
  /** Session of an ephemeral node. */
  readonly owner: bigint;
  /** Numbers the sequential nodes below it. */
  nextNumber: number;
  readonly children: Set<string>;
}

export type Tree = Map<string, Node>;

/** A transaction as the quorum decided it: what everybody applies in the same order. */
export interface Entry {
  readonly id: bigint;
  readonly session: bigint;
  readonly operations: readonly Operation[];
}

interface Change {
  readonly path: string;
  readonly kind: 'CREATED' | 'DELETED' | 'CHANGED';
}

export function createTree(): Tree {
  return new Map([['/', nodeOf(new Uint8Array(), 0n, 0n)]]);
}

function nodeOf(data: Uint8Array, createdBy: bigint, owner: bigint): Node {
  const children = new Set<string>();
  return { data, createdBy, modifiedBy: createdBy, version: 0, owner, nextNumber: 0, children };
}

/** Throws, with nothing changed, when one of the operations can't be done. */
export function apply(tree: Tree, { id, session, operations }: Entry) {
  const undo: (() => void)[] = [];
  const changes: Change[] = [];
  const results: OperationResult[] = [];
  try {
    for (const operation of operations) {
      const { result, change, revert } = applyOne(tree, id, session, operation);
      results.push(result);
      undo.push(revert);
      if (change) changes.push(change);
    }
  } catch (error) {
    for (const revert of undo.reverse()) revert();
    throw error;
  }
  return { results, changes };
}

interface Applied {
  readonly result: OperationResult;
  readonly change?: Change;
  readonly revert: () => void;
}

function applyOne(tree: Tree, id: bigint, session: bigint, operation: Operation): Applied {
  if (operation.type === 'create') return create(tree, id, session, operation);
  const { path, version } = operation;
  const node = need(tree, path);
  if (version !== undefined && version !== node.version) throw failure('BAD_VERSION', path);
  if (operation.type === 'check') return { result: {}, revert: () => {} };
  if (operation.type === 'delete') return remove(tree, path, node);
  const { data, modifiedBy } = node;
  Object.assign(node, { data: operation.data, modifiedBy: id, version: node.version + 1 });
  const revert = () => void Object.assign(node, { data, modifiedBy, version: node.version - 1 });
  return { result: { stat: statOf(node) }, change: { path, kind: 'CHANGED' }, revert };
}

function create(
  tree: Tree,
  id: bigint,
  session: bigint,
  { path: asked, data, isEphemeral, isSequential }: Extract<Operation, { type: 'create' }>,
): Applied {
  const parent = need(tree, parentOf(asked));
  const number = String(parent.nextNumber).padStart(10, '0');
  const path = isSequential ? `${asked}${number}` : asked;
  if (tree.has(path)) throw failure('NODE_EXISTS', path);
  parent.nextNumber++;
  parent.children.add(nameOf(path));
  tree.set(path, nodeOf(data, id, isEphemeral ? session : 0n));
  const revert = () => {
    tree.delete(path);
    parent.children.delete(nameOf(path));
    parent.nextNumber--;
  };
  return { result: { path }, change: { path, kind: 'CREATED' }, revert };
}

function remove(tree: Tree, path: string, node: Node): Applied {
  if (node.children.size > 0) throw failure('NOT_EMPTY', path);
  const siblings = tree.get(parentOf(path))?.children;
  tree.delete(path);
  siblings?.delete(nameOf(path));
  const revert = () => {
    tree.set(path, node);
    siblings?.add(nameOf(path));
  };
  return { result: {}, change: { path, kind: 'DELETED' }, revert };
}

export function need(tree: Tree, path: string): Node {
  const node = tree.get(path);
  if (!node) throw failure('NO_NODE', path);
  return node;
}

export function statOf({ createdBy, modifiedBy, version, owner, children }: Node): Stat {
  return { createdBy, modifiedBy, version, owner, childCount: children.size };
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function failure(code: ZooKeeperError['code'], what: string): ZooKeeperError {
  return new ZooKeeperError(code, `${what}: ${code.toLowerCase().replaceAll('_', ' ')}`);
}
