import type { AgentInfo } from '@mesita/sdk/types';
import { parsePid } from '../../../wire/pid.ts';
import type { ReregisterSlaveMessage, UpdateSlaveMessage } from '../../../wire/types/internal.ts';
import { agentCapabilities } from '../capabilities.ts';
import { type Context, type Handler, inform, warn } from '../context.ts';
import type { MessageEvent } from '../events.ts';
import { forgetFrameworkIfIdle, repeatExits } from '../executor-life.ts';
import { forwardOperations, pauseOperations } from '../operation-updates.ts';
import { agentIdOf, keepAgent } from '../run-ref.ts';
import type { AgentState, Executor, Framework } from '../state.ts';
import { forwardAll, pauseForwarding } from '../status-updates/deliver.ts';
import { createTask } from '../task.ts';
import { shutdownFramework } from './frameworks.ts';
import { reconcileTasks } from './reconciliation.ts';

const RETRY_MAX_MS = 60_000;
const DEFAULT_PING_TIMEOUT_MS = 75_000;

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
function redetect(context: Context): void {
  const { state, emit } = context;
  state.life = 'DISCONNECTED';
  state.master = undefined;
  pauseForwarding(context);
  pauseOperations(context);
  emit({ type: 'cancelTimer', id: 'ping' });
  stopRegistering(context);
  emit({ type: 'detectMaster', previous: undefined });
}

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

/** Everything that runs here, as a master needs it that may never have heard of it. */
function describeWork(
  state: AgentState,
): Pick<ReregisterSlaveMessage, 'tasks' | 'executorInfos' | 'frameworks' | 'completedFrameworks'> {
  const frameworks = [...state.frameworks.values()];
  const executors = frameworks.flatMap((framework) => [...framework.executors.values()]);
  return {
    frameworks: frameworks.map(({ info }) => info),
    tasks: executors.flatMap(tasksOf),
    // The master keeps no account of executors that the agent made up, nor of ended ones.
    executorInfos: executors
      .filter(({ kind, life }) => kind !== 'COMMAND' && life !== 'TERMINATED')
      .map(({ info }) => info),
    completedFrameworks: state.completedFrameworks.map(archive),
  };
}

function tasksOf(executor: Executor) {
  const queued = [...executor.queuedTasks.values()].map((task) =>
    createTask(task, 'TASK_STAGING', executor.frameworkId),
  );
  return [...executor.launchedTasks.values(), ...executor.terminatedTasks.values(), ...queued];
}

function archive({ info, pid, completedExecutors }: Framework) {
  const tasks = completedExecutors.flatMap((executor) => [
    ...executor.terminatedTasks.values(),
    ...executor.completedTasks,
  ]);
  return { frameworkInfo: info, tasks, ...(pid !== undefined && { pid }) };
}

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

function awaitPing({ state, emit }: Context): void {
  if (!state.master) return;
  emit({
    type: 'setTimer',
    id: 'ping',
    delayMs: state.pingTimeoutMs,
    then: { type: 'PingTimedOut', master: state.master.pid },
  });
}

function sendUpdateSlave({ state, emit }: Context): void {
  if (!state.master) return;
  const operations = [...state.operations.values()];
  emit({
    type: 'send',
    to: state.master.pid,
    message: {
      name: 'UpdateSlaveMessage',
      body: {
        agentId: { value: agentIdOf(state) },
        ...oversubscribed(state),
        operations: { operations: operations.map(({ operation }) => operation) },
        resourceVersionUuid: { value: state.resourceVersion },
        resourceProviders: {},
      },
    },
  });
}

/** Beside registrations too, whenever what is lent changes. It is no new resource version. */
export function sendOversubscribed({ state, emit }: Context): void {
  if (!state.master) return;
  const body = { agentId: { value: agentIdOf(state) }, ...oversubscribed(state) };
  emit({ type: 'send', to: state.master.pid, message: { name: 'UpdateSlaveMessage', body } });
}

function oversubscribed({
  oversubscribed: lent,
}: AgentState): Pick<
  UpdateSlaveMessage,
  'updateOversubscribedResources' | 'oversubscribedResources'
> {
  return {
    updateOversubscribedResources: lent !== undefined,
    ...(lent && !lent.isEmpty && { oversubscribedResources: lent.toMessages() }),
  };
}

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

export const shutdownAgent: Handler<'ShutdownMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  inform(context, 'asked to shut down', { message: event.message.message });
  endAgent(context);
};

export const leave: Handler<'Leave'> = (context, { message }) => {
  const { state, emit } = context;
  inform(context, 'unregistering and shutting down', { message });
  if (state.info.id && state.master) {
    emit({
      type: 'send',
      to: state.master.pid,
      message: { name: 'UnregisterSlaveMessage', body: { agentId: state.info.id } },
    });
  }
  endAgent(context);
};

/** The agent itself ends with its last executor. */
function endAgent(context: Context): void {
  const { state, emit } = context;
  state.life = 'TERMINATING';
  if (state.frameworks.size === 0) {
    emit({ type: 'exit', status: 0 });
    return;
  }
  for (const framework of [...state.frameworks.values()]) {
    shutdownFramework(context, framework);
    forgetFrameworkIfIdle(context, framework);
  }
}
