import { type Context, warn } from './context.ts';
import type { MessageEvent } from './events.ts';

/** Whether a message comes from the master this agent follows; others have nothing to say. */
export function isFromMaster(
  context: Context,
  { from, type }: Pick<MessageEvent, 'from' | 'type'>,
) {
  const { master } = context.state;
  if (master?.pid === from) return true;
  warn(context, 'ignoring message that is not from the expected master', { from, message: type });
  return false;
}
