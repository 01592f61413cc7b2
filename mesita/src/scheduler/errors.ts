/** The master said no, for good: trying again as it is cannot help. */
export class SubscriptionRefused extends Error {
  override readonly name = 'SubscriptionRefused';
}

/** A call was not taken; `status` is absent when it did not reach the master. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly status: number | undefined;

  constructor(text: string, status?: number, options?: ErrorOptions) {
    super(text, options);
    this.status = status;
  }
}
