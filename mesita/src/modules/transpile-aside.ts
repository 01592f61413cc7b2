import { Worker } from 'node:worker_threads';
import { findBundle } from './find-bundle.ts';
import type { Transpile } from './transpile.ts';

/** What the thread answers. */
export type Transpiled =
  | { readonly id: number; readonly code: string }
  | { readonly id: number; readonly error: string };

interface Waiting {
  resolve(code: string): void;
  reject(error: Error): void;
}

/**
 * Lends `work` a thread that transpiles, for as long as it takes. A file costs some ten
 * milliseconds: too long for a daemon that works.
 */
export async function transpilingAside<T>(work: (transpile: Transpile) => Promise<T>): Promise<T> {
  const waiting = new Map<number, Waiting>();
  const worker = new Worker(findBundle('module-transpiler'), { execArgv: [] });
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the thread that transpiles ended')));
  worker.on('message', (answer: Transpiled) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('code' in answer) asked?.resolve(answer.code);
    else asked?.reject(new Error(answer.error));
  });
  let last = 0;
  try {
    return await work(
      (file) =>
        new Promise((resolve, reject) => {
          waiting.set(++last, { resolve, reject });
          worker.postMessage({ id: last, file });
        }),
    );
  } finally {
    void worker.terminate();
  }
}
