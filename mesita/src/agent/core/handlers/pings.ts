import { parsePid } from '../../../wire/pid.ts';
import { type Handler, inform, warn } from '../context.ts';
import { redetect } from './detection.ts';
import { awaitPing } from './registration.ts';

export const pingSlave: Handler<'PingSlaveMessage'> = (context, { from, message }) => {
  const { state, emit } = context;
  emit({ type: 'send', to: from, message: { name: 'PongSlaveMessage', body: {} } });
  // One that does not know yet that it was replaced pings as well; that says nothing of the leader.
  const leader = state.master && parsePid(state.master.pid)?.address;
  if (parsePid(from)?.address !== leader) return;
  if (!message.connected && state.life === 'RUNNING') {
    inform(context, 'the master takes this agent for disconnected');
    redetect(context);
    return;
  }
  awaitPing(context);
};

export const pingTimedOut: Handler<'PingTimedOut'> = (context, { master }) => {
  if (context.state.master?.pid !== master || context.state.life === 'TERMINATING') return;
  warn(context, 'no ping from the master for too long', { master });
  redetect(context);
};
