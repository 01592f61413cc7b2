// What isolators' tests share: a directory of their own and a context to be made with.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@mesita/sdk/base';
import { createTestContext, type IsolatorContext } from '@mesita/sdk/module';
import type { Resource } from '@mesita/sdk/types';

export interface IsolatorScene {
  readonly root: string;
  readonly sandbox: string;
  readonly context: IsolatorContext;
  end(): void;
}

const clock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

export function createIsolatorScene(): IsolatorScene {
  const root = mkdtempSync(join(tmpdir(), 'mesita-isolator-'));
  const sandbox = join(root, 'sandbox');
  mkdirSync(sandbox);
  return {
    root,
    sandbox,
    context: {
      ...createTestContext({ workDir: join(root, 'work'), runtimeDir: join(root, 'run') }).context,
      clock,
    },
    end: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function scalar(name: string, value: number, more: Partial<Resource> = {}): Resource {
  return { name, type: 'SCALAR', scalar: { value }, ...more };
}
