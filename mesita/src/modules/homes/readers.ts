import type { ObjectApprover } from '@mesita/sdk/module';
import { type Call, ShapeError } from '@mesita/sdk/module/calls';
import { liveCodecs } from './codecs.ts';
import { nonsense } from './failure.ts';

/** Gives the answer, or throws a `ShapeError`. */
type Read = (value: unknown) => unknown;

/** What an answer that is more than data must be. */
export const given: Readonly<Record<NonNullable<Call['gives']>, Read>> = {
  approver(value) {
    if (typeof value !== 'function') throw new ShapeError('Expecting a function');
    return value;
  },
  candidacy(value) {
    const { lost } = (value ?? {}) as { readonly lost?: { readonly then?: unknown } };
    if (typeof lost?.then !== 'function') throw new ShapeError('lost: Expecting a promise');
    return value;
  },
};

/** Undefined where nothing can be wrong with an answer. */
export function readerOf({ result, gives }: Call): Read | undefined {
  if (gives !== undefined) return given[gives];
  return result.type === 'nothing' ? undefined : liveCodecs(result).read;
}

export function readAnswer(read: Read, answer: unknown): unknown {
  try {
    return read(answer);
  } catch (error) {
    throw nonsense(error as Error);
  }
}

/** What an approver throws, or says that is neither yes nor no, is a no and a failure. */
export function watchApprover(
  approver: ObjectApprover,
  failed: (error: unknown) => void,
): ObjectApprover {
  return (object) => {
    try {
      const answer: unknown = approver(object);
      if (typeof answer === 'boolean') return answer;
      failed(nonsense(new ShapeError('Expecting a boolean')));
    } catch (error) {
      failed(error);
    }
    return false;
  };
}
