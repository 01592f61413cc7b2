/**
 * Why a call failed. `error`: the module said so, which is an answer. All others are failures of
 * the module itself.
 */
export type FailureReason = 'error' | 'timeout' | 'nonsense' | 'lost' | 'refused';

export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

/** The home ended while it was asked, or could not be reached. */
export function lost(message: string): CallFailure {
  return new CallFailure('lost', message);
}

/** What came as an answer is none. */
export function nonsense(cause: Error): CallFailure {
  return new CallFailure('nonsense', `answered nonsense: ${cause.message}`, cause);
}
