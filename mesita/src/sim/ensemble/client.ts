import type { Connect, ZooKeeper } from '../../zookeeper/client.ts';
import type { Operation, OperationResult, Stat } from '../../zookeeper/records.ts';
import { createWatches } from '../../zookeeper/watches.ts';
import { createSession, type SessionOptions } from './session.ts';
import { need, statOf, type Tree } from './tree.ts';

/** Makes sessions as the real client does, with the same deadlines, over the simulated network. */
export function connectSimulated(options: SessionOptions): Connect {
  return ({ timeoutMs }) => createClient(options, timeoutMs);
}

function createClient(options: SessionOptions, timeoutMs: number): ZooKeeper {
  const { life } = options;
  const watches = createWatches();
  const session = createSession(options, timeoutMs, () => watches.fireAll());

  function look<T>(
    find: (tree: Tree) => T,
    subject: 'node' | 'children',
    path: string,
    watch: (() => void) | undefined,
  ): Promise<T> {
    if (!watch) return session.request<T>({ type: 'read', look: find });
    watches.add(subject, path, watch);
    const tell = session.telling(() => {
      // By the kind that calls exactly those who watch this.
      watches.fire(path, subject === 'node' ? 'CHANGED' : 'CHILDREN_CHANGED');
    });
    return session.request<T>({ type: 'read', look: find, watch: { subject, path, tell } });
  }

  const change = (operations: readonly Operation[]) =>
    session.request<readonly OperationResult[]>({ type: 'write', operations });

  return {
    get aliveUntil() {
      return session.aliveUntil;
    },
    isAlive: () => life.monotonic() < session.aliveUntil,
    ended: session.ended,
    async create(path, data, create) {
      const [made] = await change([{ type: 'create', path, data, ...create }]);
      return made?.path ?? path;
    },
    exists: (path, watch) => look((tree) => statAt(tree, path), 'node', path, watch),
    get: (path, watch) =>
      look(
        (tree) => ({ data: Buffer.from(need(tree, path).data), stat: statOf(need(tree, path)) }),
        'node',
        path,
        watch,
      ),
    children: (path, watch) =>
      look((tree) => [...need(tree, path).children], 'children', path, watch),
    async set(path, data, version) {
      const [made] = await change([{ type: 'set', path, data, version }]);
      return made?.stat as Stat;
    },
    delete: async (path, version) => void (await change([{ type: 'delete', path, version }])),
    multi: change,
    sync: () => session.request<void>({ type: 'sync' }),
    close: () => session.close(),
  };
}

function statAt(tree: Tree, path: string): Stat | undefined {
  const node = tree.get(path);
  return node && statOf(node);
}
