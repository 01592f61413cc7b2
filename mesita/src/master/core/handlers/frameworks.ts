import type {
  DeactivateFramework,
  FailoverTimedOut,
  HeartbeatDue,
  StreamClosed,
  TeardownFramework,
} from '../events.ts';
import { isConnected } from '../framework.ts';
import { deactivate, disconnect, heartbeat } from '../framework-life.ts';
import { removeFramework } from '../framework-removal.ts';
import { count } from '../state.ts';
import { log, type Turn } from '../turn.ts';

/** A stream that its framework has replaced by another no longer matters. */
export function streamClosed(turn: Turn, { stream }: StreamClosed): void {
  for (const framework of turn.state.frameworks.registered.values()) {
    const { connection } = framework;
    if (connection.kind !== 'http' || connection.stream !== stream) continue;
    disconnect(turn, framework);
    return;
  }
}

export function heartbeatDue(turn: Turn, { frameworkId, stream }: HeartbeatDue): void {
  const framework = turn.state.frameworks.registered.get(frameworkId);
  const connection = framework?.connection;
  if (framework && connection?.kind === 'http' && connection.stream === stream) {
    heartbeat(turn, framework);
  }
}

export function failoverTimedOut(turn: Turn, { frameworkId }: FailoverTimedOut): void {
  const framework = turn.state.frameworks.registered.get(frameworkId);
  if (!framework || isConnected(framework)) return;
  log(turn, 'info', 'framework failover timeout', { frameworkId });
  removeFramework(turn, framework);
}

export function deactivateFramework(turn: Turn, event: DeactivateFramework): void {
  count(turn.state, 'master/messages_deactivate_framework');
  const framework = turn.state.frameworks.registered.get(event.frameworkId);
  if (framework?.pid !== event.from || !framework.active) return;
  deactivate(turn, framework, true);
}

export function teardownFramework(turn: Turn, event: TeardownFramework): void {
  const { requestId, frameworkId } = event;
  const framework = turn.state.frameworks.registered.get(frameworkId);
  if (!framework) {
    const body = 'No framework found with specified ID';
    turn.emit({ type: 'respond', requestId, status: 400, body });
    return;
  }
  count(turn.state, 'master/messages_unregister_framework');
  removeFramework(turn, framework);
  turn.emit({ type: 'respond', requestId, status: 200 });
}
