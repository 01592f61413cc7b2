// May a client change the cluster so? Asked before the core is.
import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Offer, WeightInfo } from '@mesita/sdk/types';
import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';
import type { QuotaConfig, QuotaRequest } from '@mesita/sdk/types/quota';
import type { Subject } from '../../net/authorization.ts';
import type { HttpResponse } from '../../net/http.ts';
import { decided } from '../../net/late-approver.ts';
import { failure } from '../../net/responses.ts';
import type { Question } from '../core/approvers.ts';
import type { ChangeAgent, MaintenanceChange } from '../core/events.ts';
import { questionsAbout } from '../core/operation-objects.ts';
import type { MasterSurface } from './surface.ts';

/** Changes by an authorised client; others are answered 403. */
export function changesBy(surface: MasterSurface, subject: Subject) {
  const { authorization, state } = surface;

  /** All of them, or nothing is done. */
  async function ifAll(
    questions: readonly Question[],
    change: () => Promise<HttpResponse>,
  ): Promise<HttpResponse> {
    const answers = await Promise.all(
      questions.map(({ action, object }) => authorization.authorized(subject, action, object)),
    );
    return answers.every((isAllowed) => isAllowed) ? change() : failure(403);
  }

  const ifAllowed = (
    action: Action,
    objects: readonly (AuthorizedObject | undefined)[],
    change: () => Promise<HttpResponse>,
  ) =>
    ifAll(
      objects.map((object) => ({ action, object })),
      change,
    );

  return {
    /** Of an unknown framework there is nothing to ask: the core refuses. */
    teardown(id: FrameworkId): Promise<HttpResponse> {
      const frameworkInfo = state.frameworks.registered.get(id)?.info;
      const objects = frameworkInfo ? [{ frameworkInfo, value: frameworkInfo.principal }] : [];
      return ifAllowed('TEARDOWN_FRAMEWORK', objects, () => surface.teardown(id));
    },
    updateWeights(weights: readonly WeightInfo[]): Promise<HttpResponse> {
      const objects = weights.map(({ role }) => ({ value: (role ?? '').trim() }));
      return ifAllowed('UPDATE_WEIGHT', objects.length > 0 ? objects : [undefined], () =>
        surface.updateWeights(weights),
      );
    },
    updateQuota(configs: readonly QuotaConfig[], force: boolean): Promise<HttpResponse> {
      const objects = configs.map(({ role }) => ({ value: role }));
      return ifAllowed('UPDATE_QUOTA_WITH_CONFIG', objects, () =>
        surface.updateQuota(configs, force),
      );
    },
    setQuota(request: QuotaRequest): Promise<HttpResponse> {
      const { role, guarantee } = request;
      return ifAllowed('UPDATE_QUOTA', [{ quotaInfo: { role, guarantee } }], () =>
        surface.setQuota(request),
      );
    },
    /** An agent that is drained and then gone takes both permissions. */
    changeAgent(agentId: AgentId, change: ChangeAgent['change']): Promise<HttpResponse> {
      const actions: Action[] = [actionsOnAgents[change.kind]];
      if (change.kind === 'drain' && change.markGone) actions.push('MARK_AGENT_GONE');
      return ifAll(
        actions.map((action) => ({ action })),
        () => surface.changeAgent(agentId, change),
      );
    },
    changeMaintenance(change: MaintenanceChange): Promise<HttpResponse> {
      const machines =
        change.kind === 'schedule'
          ? (change.schedule.windows ?? []).flatMap(({ machineIds = [] }) => machineIds)
          : change.machines;
      return ifAllowed(
        actionsOnMachines[change.kind],
        machines.map((machineId) => ({ machineId })),
        () => surface.changeMaintenance(change),
      );
    },
    changeResources(agentId: AgentId, operation: Offer.Operation): Promise<HttpResponse> {
      return ifAll(questionsAbout(operation), () =>
        surface.changeResources(agentId, operation, subject.principal),
      );
    },
    removeQuota(role: string): Promise<HttpResponse> {
      return ifAllowed('UPDATE_QUOTA', [{ quotaInfo: { role } }], () =>
        surface.updateQuota([{ role }], true),
      );
    },
  };
}

const actionsOnAgents = {
  drain: 'DRAIN_AGENT',
  deactivate: 'DEACTIVATE_AGENT',
  reactivate: 'REACTIVATE_AGENT',
  markGone: 'MARK_AGENT_GONE',
} as const;

const actionsOnMachines = {
  schedule: 'UPDATE_MAINTENANCE_SCHEDULE',
  start: 'START_MAINTENANCE',
  stop: 'STOP_MAINTENANCE',
} as const;

/** What `build` makes of which roles' quotas a client may see: see `viewFor`. */
export async function quotasFor<T>(
  { authorization }: MasterSurface,
  subject: Subject,
  build: (isSeen: (role: string) => boolean) => T,
): Promise<T> {
  const approvers = await authorization.approvers(subject, ['GET_QUOTA']);
  return decided(approvers, () => build((value) => approvers.approved('GET_QUOTA', { value })));
}
