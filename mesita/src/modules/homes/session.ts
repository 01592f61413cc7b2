import { isModuleSkipped, ModuleSkipped } from '@mesita/sdk/module';
import { ShapeError } from '@mesita/sdk/module/calls';
import { CallFailure, lost } from './failure.ts';

/**
 * What crosses between a daemon and the home of a module, both ways alike. Without `id` it is a
 * notification. An error is a text; `nonsense`: what was answered is no answer; `skipped`: this host is none for the module.
 */
export type Frame =
  | { readonly id?: number; readonly method: string; readonly args: unknown }
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: string;
      readonly nonsense?: boolean;
      readonly skipped?: boolean;
    }
  | { readonly cancel: number };

interface SessionOptions {
  /** Throws when the frame holds what cannot cross. */
  readonly send: (frame: Frame) => void;
  /** The other side calls. */
  readonly serve: (method: string, args: unknown, signal: AbortSignal) => unknown;
  /** Something came that is no frame, or an answer to nothing. */
  readonly nonsense: (what: string) => void;
}

export interface Session {
  /** Rejects with the other side's text, or as lost when the session ends. */
  request(method: string, args: unknown): Promise<unknown>;
  notify(method: string, args: unknown): void;
  /** Tells the other side that nobody waits for this answer; it answers all the same. */
  abandon(answer: PromiseLike<unknown>): void;
  receive(frame: unknown): void;
  /** Ends all calls of both sides. */
  close(why: string): void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls that the other side may have running here; more are refused. */
const MAX_SERVED = 10_000;

/** Nobody waits for a notification, so nobody stops to. */
const never = new AbortController().signal;

export function createSession({ send, serve, nonsense }: SessionOptions): Session {
  const pending = new Map<number, Pending>();
  const ids = new WeakMap<PromiseLike<unknown>, number>();
  const served = new Map<number, AbortController>();
  let next = 0;
  let closed: string | undefined;

  function answered(id: number, frame: Readonly<Record<string, unknown>>): void {
    const waiter = pending.get(id);
    if (!waiter) return nonsense(`answer to ${id}, which was not asked`);
    pending.delete(id);
    if (frame.error === undefined || frame.error === null) waiter.resolve(frame.result);
    else waiter.reject(failureOf(frame));
  }

  async function asked(id: number, method: string, args: unknown): Promise<void> {
    const abort = new AbortController();
    if (served.size >= MAX_SERVED) {
      send({ id, error: 'too many calls' });
      return;
    }
    served.set(id, abort);
    try {
      const result = await serve(method, args, abort.signal);
      if (closed === undefined) send({ id, result });
    } catch (error) {
      if (closed === undefined) send({ id, ...describeError(error) });
    } finally {
      served.delete(id);
    }
  }

  async function notified(method: string, args: unknown): Promise<void> {
    try {
      await serve(method, args, never);
    } catch (error) {
      nonsense(`${method}: ${textOf(error)}`);
    }
  }

  return {
    request(method, args) {
      if (closed !== undefined) return Promise.reject(lost(closed));
      const id = ++next;
      const answer = new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
      });
      ids.set(answer, id);
      try {
        send({ id, method, args });
      } catch (error) {
        pending.get(id)?.reject(error as Error);
        pending.delete(id);
      }
      return answer;
    },
    notify(method, args) {
      if (closed === undefined) send({ method, args });
    },
    abandon(answer) {
      const id = ids.get(answer);
      if (id !== undefined && pending.has(id) && closed === undefined) send({ cancel: id });
    },
    receive(frame) {
      if (closed !== undefined) return;
      if (typeof frame !== 'object' || frame === null)
        return nonsense('something that is no object');
      const { id, method, args, cancel } = frame as Readonly<Record<string, unknown>>;
      if (typeof method === 'string') {
        if (typeof id === 'number') void asked(id, method, args);
        else void notified(method, args);
      } else if (typeof id === 'number') answered(id, frame as Readonly<Record<string, unknown>>);
      else if (typeof cancel === 'number') served.get(cancel)?.abort();
      else nonsense('an object without id and method');
    },
    close(why) {
      if (closed !== undefined) return;
      closed = why;
      for (const { reject } of pending.values()) reject(lost(why));
      pending.clear();
      for (const abort of served.values()) abort.abort();
    },
  };
}

function failureOf({ error, nonsense, skipped }: Readonly<Record<string, unknown>>): Error {
  if (skipped === true) return new ModuleSkipped(String(error));
  return nonsense === true
    ? new CallFailure('nonsense', `answered nonsense: ${error}`)
    : new CallFailure('error', String(error));
}

function describeError(error: unknown) {
  return {
    error: textOf(error),
    ...(error instanceof ShapeError && { nonsense: true }),
    ...(isModuleSkipped(error) && { skipped: true }),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
