import { createHash } from 'node:crypto';
import type { ObjectApprover } from '@mesita/sdk/module';
import type { Late } from '../../net/late-approver.ts';
import { CallFailure } from './failure.ts';

type Ask = (object: unknown) => Promise<unknown>;

interface Decision {
  isAllowed: boolean;
  askedAt: number;
  /** Of the latest answer. */
  answeredAt: number;
  /** Until the first answer. */
  pending: Promise<void> | undefined;
}

/** An answer that is older is asked for again, and holds until then. */
const FRESH_MS = 5_000;
/** As long does it hold while the module does not answer. */
const KEPT_MS = 60_000;
/** More than these are kept only for as long as answers hold. */
const MAX_KNOWN = 10_000;
/** Questions that are open at once. */
const MAX_OPEN = 500;

/**
 * An approver answers at once, a module in another home cannot. Who may act on any object at all,
 * which is asked first, may act on each. What is not known about an object is asked, and the answer
 * is no until it has come: who needs the right one asks all he has to ask, waits for what is
 * `missing`, and asks again. An error that the module answers is a no.
 */
export async function createApprover(
  ask: Ask,
  now: () => number = () => performance.now(),
): Promise<ObjectApprover & Required<Late>> {
  const known = new Map<string, Decision>();
  const enqueue = createQueue();
  let missed: Promise<void>[] = [];

  function refresh(key: string, object: unknown, decision: Decision): Promise<void> {
    decision.askedAt = now();
    known.delete(key);
    known.set(key, decision);
    forgetOldest(known, now() - KEPT_MS);
    return enqueue(() => ask(object)).then(
      (answer) => {
        decision.isAllowed = answer === true;
        decision.answeredAt = now();
        decision.pending = undefined;
      },
      (error) => {
        const isAnswer = !(error instanceof CallFailure) || error.reason === 'error';
        if (isAnswer || now() - decision.answeredAt > KEPT_MS) decision.isAllowed = false;
        decision.pending = undefined;
      },
    );
  }

  function decide(object: unknown): boolean {
    const key = keyOf(object);
    const decision = known.get(key) ?? { ...unasked };
    if (now() - decision.askedAt > FRESH_MS) {
      const asked = refresh(key, object, decision);
      if (decision.answeredAt === Number.NEGATIVE_INFINITY) decision.pending = asked;
    }
    if (decision.pending) missed.push(decision.pending);
    return decision.isAllowed;
  }

  const isAllowed = (await ask(undefined)) === true;
  known.set(keyOf(undefined), { ...unasked, isAllowed, askedAt: now(), answeredAt: now() });
  const approver = (object: unknown) =>
    decide(undefined) || (object !== undefined && decide(object));
  return Object.assign(approver, {
    missing() {
      if (missed.length === 0) return undefined;
      const all = Promise.all(missed).then(() => undefined);
      missed = [];
      return all;
    },
  });
}

const unasked: Decision = {
  isAllowed: false,
  askedAt: Number.NEGATIVE_INFINITY,
  answeredAt: Number.NEGATIVE_INFINITY,
  pending: undefined,
};

/** Objects are whole tasks: what is kept of each is short. */
function keyOf(object: unknown): string {
  if (object === undefined) return '';
  const text = JSON.stringify(object, textOfBigint);
  return createHash('sha256').update(text).digest('base64');
}

function textOfBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** They stand in the order in which they were asked. */
function forgetOldest(known: Map<string, Decision>, before: number): void {
  for (const [key, { askedAt }] of known) {
    if (known.size <= MAX_KNOWN || askedAt > before) return;
    known.delete(key);
  }
}

/** Lets a number of questions be open, and the others wait. */
function createQueue(): (ask: () => Promise<unknown>) => Promise<unknown> {
  const waiting: (() => void)[] = [];
  let open = 0;
  return async (ask) => {
    if (open >= MAX_OPEN) await new Promise<void>((resolve) => waiting.push(resolve));
    open++;
    try {
      return await ask();
    } finally {
      open--;
      waiting.shift()?.();
    }
  };
}
