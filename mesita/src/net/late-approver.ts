// Who decides elsewhere cannot answer at once: what was not known is known a little later.
import type { ObjectApprover } from '@mesita/sdk/module';

/** What may have to look something up, and says no until it has. */
export interface Late {
  /**
   * Undefined when all that was asked since its last call was answered from what is known.
   * Otherwise ask again after it: it never rejects.
   */
  missing?(): Promise<void> | undefined;
}

export type LateApprover = ObjectApprover & Late;

/** `decide` in place of the approver, on which it rests. */
export function inPlaceOf(approver: LateApprover, decide: ObjectApprover): LateApprover {
  return approver.missing ? Object.assign(decide, { missing: approver.missing }) : decide;
}

/**
 * What `build` makes of decisions, made again for as long as there were some that nobody knew yet.
 * It must change nothing.
 */
export async function decided<T>(deciders: Late, build: () => T | Promise<T>): Promise<T> {
  for (;;) {
    const built = await build();
    const missing = deciders.missing?.();
    if (!missing) return built;
    await missing;
  }
}

/** Of several at once. */
export function missingOf(all: readonly Late[]): Promise<void> | undefined {
  const missing = all.flatMap((one) => one.missing?.() ?? []);
  return missing.length === 0 ? undefined : Promise.all(missing).then(() => undefined);
}
