import type { ACL, ACLs } from '../types/acls.ts';

/** What every ACL of every list is: who, and about what. */
export interface AccessRule {
  readonly subjects: ACL.Entity;
  readonly objects: ACL.Entity;
}

export type AclList = Exclude<keyof ACLs, 'permissive' | '$unknown'>;

/** The rules of one list, in order. Each ACL has one member beside its principals. */
export function rulesOf(acls: ACLs, list: AclList): AccessRule[] {
  return (acls[list] ?? []).map(({ principals, $unknown, ...rest }) => {
    const [objects = {}] = Object.values(rest as Readonly<Record<string, ACL.Entity>>);
    return { subjects: principals, objects };
  });
}

/** Endpoints that ask for GET_ENDPOINT_WITH_PATH; a rule about another one is a mistake. */
export const authorizableEndpoints: ReadonlySet<string> = new Set([
  '/containers',
  '/containerizer/debug',
  '/files/debug',
  '/logging/toggle',
  '/metrics/snapshot',
  // Mesita's own: looking at modules, and what may be done to them.
  '/modules',
  '/modules/load',
  '/modules/reload',
  '/modules/shadow',
  '/modules/unload',
  '/monitor/statistics',
]);

/** Lists whose objects have no names yet: a rule is about all of them, or about none. */
const nameless: Partial<Record<AclList, string>> = {
  accessMesosLogs: 'AccessMesosLog',
  viewFlags: 'ViewFlags',
  setLogLevel: 'SetLogLevel',
  registerAgents: 'RegisterAgent',
  updateMaintenanceSchedules: 'UpdateMaintenanceSchedule',
  getMaintenanceSchedules: 'GetMaintenanceSchedule',
  startMaintenances: 'StartMaintenance',
  stopMaintenances: 'StopMaintenance',
  getMaintenanceStatuses: 'GetMaintenanceStatus',
  drainAgents: 'DrainAgent',
  deactivateAgents: 'DeactivateAgent',
  reactivateAgents: 'ReactivateAgent',
  launchStandaloneContainers: 'LaunchStandaloneContainer',
  killStandaloneContainers: 'KillStandaloneContainer',
  waitStandaloneContainers: 'WaitStandaloneContainer',
  removeStandaloneContainers: 'RemoveStandaloneContainer',
  viewStandaloneContainers: 'ViewStandaloneContainer',
  markResourceProvidersGone: 'MarkResourceProvidersGone',
  viewResourceProviders: 'ViewResourceProvider',
  modifyResourceProviderConfigs: 'ModifyResourceProviderConfig',
  pruneImages: 'PruneImages',
};

/** What is wrong with them, or undefined. */
export function validateAcls(acls: ACLs): string | undefined {
  for (const [list, name] of Object.entries(nameless)) {
    const isNamed = rulesOf(acls, list as AclList).some(({ objects }) => namesSome(objects));
    if (isNamed) return `ACL.${name} type must be either NONE or ANY`;
  }
  for (const { objects } of rulesOf(acls, 'getEndpoints')) {
    if (!namesSome(objects)) continue;
    const unknown = objects.values?.find((path) => !authorizableEndpoints.has(path));
    if (unknown !== undefined) return `Path: '${unknown}' is not an authorizable path`;
  }
  return undefined;
}

function namesSome({ type = 'SOME' }: ACL.Entity): boolean {
  return type === 'SOME';
}
