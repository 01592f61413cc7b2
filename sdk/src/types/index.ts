// The messages of Mesos, as plain data. `mesos` is spread; the APIs keep their own names.
export type * as agent from './agent.ts';
export type * as allocator from './allocator.ts';
export type * as authorizer from './authorizer.ts';
export type * as containerizer from './containerizer.ts';
export type * as docker from './docker.ts';
export type * as executor from './executor.ts';
export type * as maintenance from './maintenance.ts';
export type * as master from './master.ts';
export type * from './mesos.ts';
export type * as quota from './quota.ts';
export type * as resourceProvider from './resource-provider.ts';
export type * as scheduler from './scheduler.ts';
