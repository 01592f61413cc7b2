import { type Context, type Handler, inform, warn } from '../context.ts';
import { pauseOperations } from '../operation-updates.ts';
import { pauseForwarding } from '../status-updates/deliver.ts';
import { registrationDue } from './registration.ts';

export const masterDetected: Handler<'MasterDetected'> = (context, { master }) => {
  const { state, config, emit } = context;
  if (state.life !== 'TERMINATING') state.life = 'DISCONNECTED';
  pauseForwarding(context);
  pauseOperations(context);
  stopRegistering(context);
  state.master = master;
  emit({ type: 'detectMaster', previous: master });
  if (!master) {
    inform(context, 'lost the leading master');
    return;
  }
  inform(context, 'new master detected', { master: master.pid });
  if (state.life === 'TERMINATING') return;
  // Many agents may have lost the same master: they shall not all come at once.
  emit({
    type: 'setTimer',
    id: 'register',
    delayMs: config.registrationBackoffMs * config.random.next(),
    then: config.authenticates
      ? { type: 'AuthenticationDue' }
      : { type: 'RegistrationDue', attempt: 0 },
  });
};

export const authenticationDue: Handler<'AuthenticationDue'> = ({ state, emit }) => {
  if (!state.master || state.life !== 'DISCONNECTED') return;
  emit({ type: 'authenticate', master: state.master.pid });
};

export const authenticated: Handler<'Authenticated'> = (context, { master }) => {
  if (context.state.master?.pid !== master) return;
  inform(context, 'authenticated with the master', { master });
  registrationDue(context, { type: 'RegistrationDue', attempt: 0 });
};

function stopRegistering({ config, emit }: Context): void {
  emit({ type: 'cancelTimer', id: 'register' });
  if (config.authenticates) emit({ type: 'authenticate', master: undefined });
}

export const masterExited: Handler<'MasterExited'> = (context, { pid }) => {
  if (context.state.master?.pid !== pid || context.state.life !== 'RUNNING') return;
  warn(context, 'connection to the master broke', { master: pid });
  redetect(context);
};

/** Follow nobody until the detector names a master, be it the same. */
export function redetect(context: Context): void {
  const { state, emit } = context;
  state.life = 'DISCONNECTED';
  state.master = undefined;
  pauseForwarding(context);
  pauseOperations(context);
  emit({ type: 'cancelTimer', id: 'ping' });
  stopRegistering(context);
  emit({ type: 'detectMaster', previous: undefined });
}
