/** The master said no, for good: trying again as it is cannot help. */
export class SubscriptionRefused extends Error {
  override readonly name = 'SubscriptionRefused';
}

/** Answers of a master that is on its way out, or does not know yet that we are back. */
const TRANSIENT: ReadonlySet<number | undefined> = new Set([undefined, 307, 403, 503]);

/** A call was not taken; `status` is absent when it did not reach the master. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly status: number | undefined;

  constructor(text: string, status?: number, options?: ErrorOptions) {
    super(text, options);
    this.status = status;
  }

  /** The subscription is lost or about to be: what matters comes again with the next one. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.status);
  }
}
