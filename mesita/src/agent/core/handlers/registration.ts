import type { AgentInfo } from '@mesita/sdk/types';
import { agentCapabilities } from '../capabilities.ts';
import { type Context, type Handler, inform } from '../context.ts';
import { repeatExits } from '../executor-life.ts';
import { isFromMaster } from '../from-master.ts';
import { forwardOperations } from '../operation-updates.ts';
import { describeWork, sendUpdateSlave } from '../report.ts';
import { keepAgent } from '../run-ref.ts';
import { forwardAll } from '../status-updates/deliver.ts';
import { reconcileTasks } from './reconciliation.ts';

const RETRY_MAX_MS = 60_000;
const DEFAULT_PING_TIMEOUT_MS = 75_000;

export const registrationDue: Handler<'RegistrationDue'> = (context, { attempt }) => {
  const { state, config, emit } = context;
  if (!state.master || state.life !== 'DISCONNECTED') return;
  const to = state.master.pid;
  emit({ type: 'link', to });
  const facts = {
    agent: state.info,
    version: config.version,
    agentCapabilities,
    resourceVersionUuid: { value: state.resourceVersion },
    checkpointedResources: [...state.checkpointed],
  };
  if (state.info.id) {
    const body = { ...facts, ...describeWork(state) };
    emit({ type: 'send', to, message: { name: 'ReregisterSlaveMessage', body } });
  } else {
    emit({ type: 'send', to, message: { name: 'RegisterSlaveMessage', body: facts } });
  }
  const most = Math.min(config.registrationBackoffMs * 2 ** (attempt + 1), RETRY_MAX_MS);
  emit({
    type: 'setTimer',
    id: 'register',
    delayMs: most * config.random.next(),
    then: { type: 'RegistrationDue', attempt: Math.min(attempt + 1, 30) },
  });
};

export const slaveRegistered: Handler<'SlaveRegisteredMessage'> = (context, event) => {
  const { state } = context;
  if (!isFromMaster(context, event)) return;
  const { agentId, connection } = event.message;
  if (state.life === 'TERMINATING' || state.life === 'RECOVERING') return;
  if (state.info.id && state.info.id.value !== agentId.value) {
    refuseId(context, 'Registered', state.info, agentId.value);
    return;
  }
  if (state.life === 'DISCONNECTED') {
    inform(context, 'registered', { master: event.from, agentId: agentId.value });
    state.info = { ...state.info, id: agentId };
    keepAgent(context);
    join(context, connection?.totalPingTimeoutSeconds);
  }
  sendUpdateSlave(context);
};

export const slaveReregistered: Handler<'SlaveReregisteredMessage'> = (context, event) => {
  const { state } = context;
  if (!isFromMaster(context, event)) return;
  const { agentId, connection, reconciliations } = event.message;
  if (state.life === 'TERMINATING' || state.life === 'RECOVERING') return;
  if (state.info.id?.value !== agentId.value) {
    refuseId(context, 'Re-registered', state.info, agentId.value);
    return;
  }
  if (state.life === 'DISCONNECTED') {
    inform(context, 're-registered', { master: event.from });
    // The agent's own facts may differ from those it had before its restart.
    keepAgent(context);
    join(context, connection?.totalPingTimeoutSeconds);
  }
  sendUpdateSlave(context);
  for (const reconciliation of reconciliations ?? []) reconcileTasks(context, reconciliation);
};

function refuseId(context: Context, how: string, info: AgentInfo, got: string): void {
  context.emit({
    type: 'exit',
    status: 1,
    error: `${how} but got wrong id: ${got} (expected: ${info.id?.value ?? ''})`,
  });
}

function join(context: Context, pingTimeoutSeconds: number | undefined): void {
  const { state, emit } = context;
  state.life = 'RUNNING';
  state.pingTimeoutMs =
    pingTimeoutSeconds === undefined ? DEFAULT_PING_TIMEOUT_MS : pingTimeoutSeconds * 1000;
  emit({ type: 'cancelTimer', id: 'register' });
  awaitPing(context);
  repeatExits(context);
  forwardAll(context);
  forwardOperations(context);
}

export function awaitPing({ state, emit }: Context): void {
  if (!state.master) return;
  emit({
    type: 'setTimer',
    id: 'ping',
    delayMs: state.pingTimeoutMs,
    then: { type: 'PingTimedOut', master: state.master.pid },
  });
}
