// What the local authorizer asks for each action: which list of rules, about which name.
import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';
import type { AclList } from '../../wire/validation/acls.ts';
import type { Entity } from './rules.ts';

export interface Question {
  readonly list: AclList;
  /** Its rules may be about everything below a role. */
  readonly isAboutRoles: boolean;
  /** Every one of them must be approved. */
  objectsOf(object: AuthorizedObject): readonly Entity[];
  /** Absent: it is always asked. */
  isAskedOf?(object: AuthorizedObject | undefined): boolean;
}

type Naming = (object: AuthorizedObject) => Entity;

const anything: Naming = () => undefined;
const byValue: Naming = ({ value }) => value;

function rolesOfFramework({ frameworkInfo, value }: AuthorizedObject): readonly Entity[] {
  if (!frameworkInfo) return [value];
  const isMultiRole = frameworkInfo.capabilities?.some(({ type }) => type === 'MULTI_ROLE');
  return isMultiRole ? (frameworkInfo.roles ?? []) : [frameworkInfo.role ?? '*'];
}

function roleOfResource({ resource, value }: AuthorizedObject): Entity {
  if (!resource) return value;
  const reservation = resource.reservations?.at(-1);
  return reservation ? (reservation.role ?? '') : (resource.role ?? '*');
}

function userOfTaskInfo({ taskInfo, frameworkInfo }: AuthorizedObject): Entity {
  return taskInfo?.command?.user ?? taskInfo?.executor?.command?.user ?? frameworkInfo?.user;
}

function userOfExecutor({ executorInfo, frameworkInfo }: AuthorizedObject): Entity {
  return executorInfo?.command?.user ?? frameworkInfo?.user;
}

function userOrContainer(object: AuthorizedObject): Entity {
  return userOfExecutor(object) ?? object.containerId?.value;
}

const userOfCommand: Naming = ({ commandInfo }) => commandInfo?.user;

/** Nothing is asked about the command of what has none. */
function ifCommand(asked: readonly Question[]): readonly Question[] {
  return asked.map((each) => ({
    ...each,
    isAskedOf: (object) => object?.commandInfo !== undefined,
  }));
}

function ask(list: AclList, nameOf: Naming): readonly [Question] {
  return [{ list, isAboutRoles: false, objectsOf: (object) => [nameOf(object)] }];
}

function role(list: AclList, nameOf: Naming): readonly [Question] {
  return [{ list, isAboutRoles: true, objectsOf: (object) => [nameOf(object)] }];
}

/** All questions of an action must be answered with yes; an action that is not here is refused. */
export const questions: Partial<Record<Action, readonly Question[]>> = {
  REGISTER_FRAMEWORK: [
    { list: 'registerFrameworks', isAboutRoles: true, objectsOf: rolesOfFramework },
  ],
  RUN_TASK: ask('runTasks', userOfTaskInfo),
  TEARDOWN_FRAMEWORK: ask('teardownFrameworks', ({ frameworkInfo, value }) =>
    frameworkInfo ? (frameworkInfo.principal ?? '') : value,
  ),
  RESERVE_RESOURCES: role('reserveResources', roleOfResource),
  UNRESERVE_RESOURCES: ask('unreserveResources', ({ resource, value }) =>
    resource ? ((resource.reservations?.at(-1) ?? resource.reservation)?.principal ?? '') : value,
  ),
  CREATE_VOLUME: role('createVolumes', roleOfResource),
  RESIZE_VOLUME: role('resizeVolumes', roleOfResource),
  DESTROY_VOLUME: ask('destroyVolumes', ({ resource, value }) =>
    resource ? (resource.disk?.persistence?.principal ?? '') : value,
  ),
  CREATE_BLOCK_DISK: role('createBlockDisks', roleOfResource),
  DESTROY_BLOCK_DISK: role('destroyBlockDisks', roleOfResource),
  CREATE_MOUNT_DISK: role('createMountDisks', roleOfResource),
  DESTROY_MOUNT_DISK: role('destroyMountDisks', roleOfResource),
  DESTROY_RAW_DISK: role('destroyRawDisks', roleOfResource),
  UPDATE_WEIGHT: role('updateWeights', ({ weightInfo, value }) =>
    weightInfo ? (weightInfo.role ?? '') : value,
  ),
  GET_QUOTA: role('getQuotas', byValue),
  UPDATE_QUOTA: role('updateQuotas', ({ quotaInfo, value }) => quotaInfo?.role ?? value),
  UPDATE_QUOTA_WITH_CONFIG: role('updateQuotas', byValue),
  VIEW_ROLE: role('viewRoles', byValue),
  GET_ENDPOINT_WITH_PATH: ask('getEndpoints', byValue),
  VIEW_FRAMEWORK: ask('viewFrameworks', ({ frameworkInfo }) => frameworkInfo?.user ?? ''),
  VIEW_TASK: ask('viewTasks', (object) => object.task?.user ?? userOfTaskInfo(object)),
  VIEW_EXECUTOR: ask('viewExecutors', userOfExecutor),
  VIEW_CONTAINER: ask('viewContainers', userOfExecutor),
  ACCESS_SANDBOX: ask('accessSandboxes', userOfExecutor),
  ACCESS_MESOS_LOG: ask('accessMesosLogs', anything),
  VIEW_FLAGS: ask('viewFlags', anything),
  SET_LOG_LEVEL: ask('setLogLevel', anything),
  LAUNCH_NESTED_CONTAINER: [
    ...ask('launchNestedContainersUnderParentWithUser', userOfExecutor),
    ...ifCommand(ask('launchNestedContainersAsUser', userOfCommand)),
  ],
  LAUNCH_NESTED_CONTAINER_SESSION: [
    ...ask('launchNestedContainerSessionsUnderParentWithUser', userOfExecutor),
    ...ifCommand(ask('launchNestedContainerSessionsAsUser', userOfCommand)),
  ],
  KILL_NESTED_CONTAINER: ask('killNestedContainers', userOrContainer),
  WAIT_NESTED_CONTAINER: ask('waitNestedContainers', userOrContainer),
  REMOVE_NESTED_CONTAINER: ask('removeNestedContainers', userOrContainer),
  ATTACH_CONTAINER_INPUT: ask('attachContainersInput', userOrContainer),
  ATTACH_CONTAINER_OUTPUT: ask('attachContainersOutput', userOrContainer),
  LAUNCH_STANDALONE_CONTAINER: ask('launchStandaloneContainers', anything),
  KILL_STANDALONE_CONTAINER: ask('killStandaloneContainers', anything),
  WAIT_STANDALONE_CONTAINER: ask('waitStandaloneContainers', anything),
  REMOVE_STANDALONE_CONTAINER: ask('removeStandaloneContainers', anything),
  VIEW_STANDALONE_CONTAINER: ask('viewStandaloneContainers', anything),
  REGISTER_AGENT: ask('registerAgents', anything),
  DRAIN_AGENT: ask('drainAgents', anything),
  DEACTIVATE_AGENT: ask('deactivateAgents', anything),
  REACTIVATE_AGENT: ask('reactivateAgents', anything),
  MARK_AGENT_GONE: ask('markAgentsGone', anything),
  UPDATE_MAINTENANCE_SCHEDULE: ask('updateMaintenanceSchedules', anything),
  GET_MAINTENANCE_SCHEDULE: ask('getMaintenanceSchedules', anything),
  GET_MAINTENANCE_STATUS: ask('getMaintenanceStatuses', anything),
  START_MAINTENANCE: ask('startMaintenances', anything),
  STOP_MAINTENANCE: ask('stopMaintenances', anything),
  MODIFY_RESOURCE_PROVIDER_CONFIG: ask('modifyResourceProviderConfigs', anything),
  MARK_RESOURCE_PROVIDER_GONE: ask('markResourceProvidersGone', anything),
  VIEW_RESOURCE_PROVIDER: ask('viewResourceProviders', anything),
  PRUNE_IMAGES: ask('pruneImages', anything),
};
