import type { Authorizer } from '@mesita/sdk/module';
import { inPlaceOf, type LateApprover } from '../../net/late-approver.ts';
import { isThenable } from '../homes/guarded-method.ts';
import { oneLine } from '../one-line.ts';
import type { ShadowParts } from './shadow.ts';

type Question = Parameters<Authorizer['authorized']>;

/** Questions that the candidate may have open; decisions beyond are not compared. */
const MAX_ASKED = 100;

/** Each decision is asked of the candidate too, whether it was made once or by an approver. */
export function shadowAuthorizer({
  acting,
  candidate,
  tally,
}: ShadowParts<Authorizer>): () => void {
  let asked = 0;

  async function ask(question: Question): Promise<unknown> {
    try {
      return await candidate.authorized(...question);
    } catch (error) {
      return `failed: ${oneLine(error)}`;
    }
  }

  async function compare(question: Question, answer: unknown): Promise<void> {
    if (asked >= MAX_ASKED) return;
    asked++;
    const [own, other] = await Promise.all([
      Promise.resolve(answer).catch((error) => `failed: ${oneLine(error)}`),
      ask(question),
    ]);
    asked--;
    if (own === other) return tally.same();
    const [subject, action] = question;
    tally.differ({
      subject: `${subject?.value ?? 'nobody'} ${action}`,
      acting: own,
      candidate: other,
    });
  }

  const listening = (question: readonly unknown[], approver: LateApprover): LateApprover =>
    inPlaceOf(approver, (object) => {
      const isAllowed = approver(object);
      void compare([question[0], question[1], object] as Question, isAllowed);
      return isAllowed;
    });

  return acting.addTap((method, _call, args, next) => {
    const answer = next(args);
    if (method === 'authorized') void compare(args as Question, answer);
    if (method !== 'approver') return answer;
    return isThenable(answer)
      ? answer.then((approver) => listening(args, approver as LateApprover))
      : listening(args, answer as LateApprover);
  });
}
