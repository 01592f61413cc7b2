import type { ObjectApprover } from '@mesita/sdk/module';

const MAX_KNOWN = 10_000;
const FRESH_MS = 5_000;

interface Decision {
  isAllowed: boolean;
  askedAt: number;
}

/**
 * An approver answers at once, a module in another home cannot. So: who may act on any object at
 * all, which the module is asked first, may act on each. Otherwise objects are asked about one by
 * one, and an object is refused until its answer has come; it is kept, and asked for again when
 * it is older than five seconds.
 */
export async function createApprover(
  ask: (object: unknown) => Promise<unknown>,
): Promise<ObjectApprover> {
  const known = new Map<string, Decision>();

  function refresh(key: string, object: unknown, decision: Decision, now: number): void {
    decision.askedAt = now;
    ask(object).then(
      (answer) => {
        decision.isAllowed = answer === true;
      },
      () => {
        decision.isAllowed = false;
      },
    );
    known.delete(key);
    known.set(key, decision);
    if (known.size > MAX_KNOWN) known.delete(known.keys().next().value as string);
  }

  function decide(object: unknown): boolean {
    const key = object === undefined ? '' : JSON.stringify(object, textOfBigint);
    const now = performance.now();
    const decision = known.get(key) ?? { isAllowed: false, askedAt: Number.NEGATIVE_INFINITY };
    if (now - decision.askedAt > FRESH_MS) refresh(key, object, decision, now);
    return decision.isAllowed;
  }

  known.set('', { isAllowed: (await ask(undefined)) === true, askedAt: performance.now() });
  return (object) => decide(undefined) || (object !== undefined && decide(object));
}

function textOfBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
