import { type AgentId, formatDuration } from '@mesita/sdk/base';
import type { Quota } from '@mesita/sdk/module';
import type { TimeInfo, WeightInfo } from '@mesita/sdk/types';
import type { Registry } from '../../../wire/types/registry.ts';
import { dropUnreachableTasksOn } from '../books.ts';
import type { LeaderDetected, RegistryPruned, RegistryRecovered } from '../events.ts';
import { forgetLostFrameworks } from '../framework-expectations.ts';
import { forgetAgents, loadRegistry } from '../state.ts';
import { allocate, log, type Turn } from '../turn.ts';
import { scheduleUnreachable } from '../unreachable.ts';
import { quotaOf } from './quota.ts';

/** A master that led and no longer does must not act on what it believes: it ends. */
export function leaderDetected(turn: Turn, { leader }: LeaderDetected): void {
  const { state } = turn;
  const isSelf = leader?.id === state.info.id;
  if (state.electedAt !== undefined && !isSelf) {
    turn.emit({ type: 'exit', reason: 'Lost leadership' });
    return;
  }
  state.leader = leader;
  if (!isSelf || state.electedAt !== undefined) return;
  state.electedAt = turn.now;
  log(turn, 'info', 'elected as the leading master');
}

export function registryRecovered(turn: Turn, { registry }: RegistryRecovered): void {
  const { state, config } = turn;
  if (state.recovered) return;
  const configured = [...state.weights].map(([role, weight]) => ({ role, weight }));
  loadRegistry(state, registry, quotasOf(registry));
  state.recovered = true;
  scheduleGc(turn);
  turn.emit({
    type: 'setTimer',
    id: 'recovery',
    delayMs: config.agentReregisterTimeoutMs,
    then: { type: 'RecoveryTimedOut' },
  });
  allocate(turn, 'recover', state.agents.recovered.size, new Map(state.quotas));
  allocate(turn, 'updateWeights', weightsOf(turn, registry, configured));
  log(turn, 'info', 'registry recovered', {
    agents: state.agents.recovered.size,
    unreachable: state.agents.unreachable.size,
    reregisterTimeout: formatDuration(config.agentReregisterTimeoutMs),
  });
}

/** The registry's weights win; the flag's are its first ones. */
function weightsOf(turn: Turn, registry: Registry, configured: WeightInfo[]): WeightInfo[] {
  const stored = (registry.weights ?? []).map(({ info }) => info);
  if (stored.length > 0 || configured.length === 0) return stored;
  turn.emit({
    type: 'persist',
    operation: { type: 'UpdateWeights', weights: configured },
    then: { type: 'WeightsUpdated', weights: configured },
  });
  return configured;
}

function quotasOf(registry: Registry): Map<string, Quota> {
  const quotas = new Map<string, Quota>();
  for (const { info } of registry.quotas ?? []) {
    const amounts = Object.fromEntries(
      (info.guarantee ?? []).flatMap(({ name, scalar }) => (scalar ? [[name, scalar]] : [])),
    );
    quotas.set(info.role ?? '', quotaOf({ role: '', guarantees: amounts, limits: amounts }));
  }
  for (const config of registry.quotaConfigs ?? []) quotas.set(config.role, quotaOf(config));
  return quotas;
}

/** Too many missing at once looks like a fault of the network or the registry: rather stop. */
export function recoveryTimedOut(turn: Turn): void {
  const { state, config } = turn;
  const missing = [...state.agents.recovered.keys()];
  const known = missing.length + state.agents.registered.size;
  if (missing.length > config.recoveryAgentRemovalLimit * known) {
    turn.emit({
      type: 'exit',
      reason:
        `Post-recovery agent removal limit exceeded! After ${formatDuration(config.agentReregisterTimeoutMs)} ` +
        `there were ${missing.length} agents recovered from the registry that did not reregister`,
    });
    return;
  }
  const limit = formatDuration(config.agentReregisterTimeoutMs);
  for (const id of missing) {
    scheduleUnreachable(turn, id, {
      why: 'missing',
      message: `did not reregister within ${limit} after master failover`,
    });
  }
}

function scheduleGc(turn: Turn): void {
  turn.emit({
    type: 'setTimer',
    id: 'registry gc',
    delayMs: turn.config.registryGcIntervalMs,
    then: { type: 'RegistryGcDue' },
  });
}

export function registryGcDue(turn: Turn): void {
  const { agents } = turn.state;
  scheduleGc(turn);
  forgetLostFrameworks(turn);
  const unreachable = expired(
    turn,
    [...agents.unreachable].map(([id, { since }]) => [id, since]),
  );
  const gone = expired(turn, [...agents.gone]);
  if (unreachable.length === 0 && gone.length === 0) return;
  const toMessages = (ids: AgentId[]) => ids.map((value) => ({ value }));
  turn.emit({
    type: 'persist',
    operation: { type: 'Prune', unreachable: toMessages(unreachable), gone: toMessages(gone) },
    then: { type: 'RegistryPruned', unreachable, gone },
  });
}

/** The oldest beyond the allowed number, and all beyond the allowed age. */
function expired(turn: Turn, agents: readonly (readonly [AgentId, TimeInfo])[]): AgentId[] {
  const { registryMaxAgentCount, registryMaxAgentAgeMs } = turn.config;
  const excess = agents.length - registryMaxAgentCount;
  return agents
    .filter(([, since], index) => {
      const ageMs = turn.now - Number(since.nanoseconds / 1_000_000n);
      return index < excess || ageMs > registryMaxAgentAgeMs;
    })
    .map(([id]) => id);
}

export function registryPruned(turn: Turn, { unreachable, gone }: RegistryPruned): void {
  forgetAgents(turn.state, unreachable, gone);
  for (const id of unreachable) dropUnreachableTasksOn(turn.state, id);
  log(turn, 'info', 'registry pruned', { unreachable: unreachable.length, gone: gone.length });
}
