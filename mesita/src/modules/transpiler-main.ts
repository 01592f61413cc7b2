// Entry of the thread that transpiles: see transpile-aside.ts.
import { parentPort } from 'node:worker_threads';
import { type SourceFile, transpile } from './transpile.ts';
import type { Transpiled } from './transpile-aside.ts';

function answer(id: number, file: SourceFile): Transpiled {
  try {
    return { id, code: transpile(file) };
  } catch (error) {
    return { id, error: (error as Error).message };
  }
}

parentPort?.on('message', ({ id, file }: { id: number; file: SourceFile }) => {
  parentPort?.postMessage(answer(id, file));
});
