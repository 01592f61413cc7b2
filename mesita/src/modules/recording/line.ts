import type { KindName } from '@mesita/sdk/module';
import type { Call } from '@mesita/sdk/module/calls';
import type { Parameter } from '@mesita/sdk/types';
import { jsonDialect } from '../homes/dialect.ts';
import { redact, redactedBytes } from './redact.ts';

/**
 * One line of a recording: the protocol's messages, with the time in milliseconds. `by`: the module
 * calls the daemon, or the daemon answers such a call.
 */
export type Line =
  | { readonly at: number; readonly method: 'create'; readonly args: Creation }
  | {
      readonly at: number;
      readonly by?: 'module';
      readonly id?: number;
      readonly method: string;
      readonly args: unknown;
    }
  | { readonly at: number; readonly by?: 'daemon'; readonly id: number; readonly result: unknown }
  | { readonly at: number; readonly by?: 'daemon'; readonly id: number; readonly error: string };

interface Creation {
  readonly instance: string;
  readonly kind: KindName;
  readonly module: string;
  readonly hash: string;
  readonly parameters: readonly Parameter[];
}

/** As JSON, without secrets. Throws where a value is not of its shape. */
export function writeArgs(call: Call, args: readonly unknown[]): unknown {
  return redact(jsonDialect.packArgs(call, args));
}

export function writeResult(call: Call, result: unknown): unknown {
  if (call.result.type === 'bytes') return redactedBytes;
  // Plain JSON, as it comes back from a file.
  return redact(JSON.parse(JSON.stringify(jsonDialect.packResult(call, result) ?? null)));
}
