// What one client may see: every list is filtered by it.
import type { Resources } from '@mesita/sdk/resources';
import type { ExecutorInfo, FrameworkInfo, Resource, Task, TaskInfo } from '@mesita/sdk/types';
import type { Action } from '@mesita/sdk/types/authorizer';
import type { Approvers, Authorization, Subject } from './authorization.ts';
import { decided, type Late } from './late-approver.ts';

/** What is `missing` is hidden until then. */
export interface View extends Late {
  showsFlags(): boolean;
  showsFramework(framework: { readonly info: FrameworkInfo }): boolean;
  showsTask(task: Task, framework: FrameworkInfo): boolean;
  showsTaskInfo(task: TaskInfo, framework: FrameworkInfo): boolean;
  showsExecutor(executor: ExecutorInfo, framework: FrameworkInfo): boolean;
  showsRole(role: string): boolean;
  /** Of roles that are shown: those it is reserved and allocated to alike. */
  showsResource(resource: Resource): boolean;
  visible(resources: Resources): Resources;
}

/**
 * What `build` makes of what the client may see; it changes nothing, for it may be called again.
 * Once for each request. Rejects when the authorizer fails.
 */
export async function viewFor<T>(
  surface: Authorized,
  subject: Subject,
  build: (view: View) => T | Promise<T>,
): Promise<T> {
  const view = await viewOf(surface, subject);
  return decided(view, () => build(view));
}

/** For what lasts longer than a request. Rejects when the authorizer fails. */
export async function viewOf({ authorization }: Authorized, subject: Subject): Promise<View> {
  if (!authorization.isOn) return everything;
  return createView(
    await authorization.approvers(subject, [
      'VIEW_FLAGS',
      'VIEW_FRAMEWORK',
      'VIEW_TASK',
      'VIEW_EXECUTOR',
      'VIEW_ROLE',
    ]),
  );
}

interface Authorized {
  readonly authorization: Authorization;
}

function createView(approvers: Approvers<Action>): View {
  const showsRole = (value: string) => approvers.approved('VIEW_ROLE', { value });
  const showsResource = (resource: Resource) => rolesOf(resource).every(showsRole);
  return {
    ...(approvers.missing && { missing: approvers.missing }),
    showsFlags: () => approvers.approved('VIEW_FLAGS'),
    showsFramework: ({ info }) => approvers.approved('VIEW_FRAMEWORK', { frameworkInfo: info }),
    showsTask: (task, frameworkInfo) => approvers.approved('VIEW_TASK', { task, frameworkInfo }),
    showsTaskInfo: (taskInfo, frameworkInfo) =>
      approvers.approved('VIEW_TASK', { taskInfo, frameworkInfo }),
    showsExecutor: (executorInfo, frameworkInfo) =>
      approvers.approved('VIEW_EXECUTOR', { executorInfo, frameworkInfo }),
    showsRole,
    showsResource,
    visible: (resources) => resources.filter(showsResource),
  };
}

/** What everybody sees where nothing is authorised. */
export const everything: View = {
  showsFlags: () => true,
  showsFramework: () => true,
  showsTask: () => true,
  showsTaskInfo: () => true,
  showsExecutor: () => true,
  showsRole: () => true,
  showsResource: () => true,
  visible: (resources) => resources,
};

function rolesOf({ reservations = [], allocationInfo }: Resource): string[] {
  return [...reservations, ...(allocationInfo ? [allocationInfo] : [])].flatMap(
    ({ role }) => role ?? [],
  );
}

/** What is kept by role, of roles that are shown. */
export function pickRoles<T>(byRole: Readonly<Record<string, T>>, view: View): Record<string, T> {
  return Object.fromEntries(Object.entries(byRole).filter(([role]) => view.showsRole(role)));
}
