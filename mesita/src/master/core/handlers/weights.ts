import { validateRole } from '@mesita/sdk/resources';
import type { WeightInfo } from '@mesita/sdk/types';
import type { UpdateWeights, WeightsUpdated } from '../events.ts';
import { rescindOffer } from '../offer-life.ts';
import { setWeights } from '../state.ts';
import { allocate, log, type Turn } from '../turn.ts';

/** All of them or none: the first that is wrong refuses the request. */
export function updateWeights(turn: Turn, event: UpdateWeights): void {
  const { requestId } = event;
  const weights = event.weights.map((info) => ({ ...info, role: (info.role ?? '').trim() }));
  for (const info of weights) {
    const error = validateWeight(turn, info);
    if (error === undefined) continue;
    const body = `Failed to validate update weights request JSON${error}`;
    turn.emit({ type: 'respond', requestId, status: 400, body });
    return;
  }
  turn.emit({
    type: 'persist',
    operation: { type: 'UpdateWeights', weights },
    then: { type: 'WeightsUpdated', weights, requestId },
  });
}

interface Weight extends WeightInfo {
  readonly role: string;
}

function validateWeight({ config }: Turn, { role, weight }: Weight): string | undefined {
  const invalid = validateRole(role);
  if (invalid !== undefined) return `: Invalid role '${role}': ${invalid}`;
  if (config.rolesWhitelist && !config.rolesWhitelist.has(role)) return `: Unknown role '${role}'`;
  if (weight > 0) return undefined;
  return ` for role '${role}': Invalid weight '${weight}': Weights must be positive`;
}

/** Offers that were made by the old weights are taken back, where the change may matter. */
export function weightsUpdated(turn: Turn, { weights, requestId }: WeightsUpdated): void {
  const { state } = turn;
  if (requestId === undefined) return;
  setWeights(state, weights);
  allocate(turn, 'updateWeights', weights);
  if (weights.some(({ role }) => role !== undefined && state.frameworks.roles.has(role))) {
    for (const offer of [...state.offers.values()]) rescindOffer(turn, offer);
  }
  log(turn, 'info', 'weights updated', { roles: weights.map(({ role }) => role) });
  turn.emit({ type: 'respond', requestId, status: 200 });
}
