export type { ContentType } from './codec.ts';
export { CallFailed, SubscriptionRefused } from './errors.ts';
export { connect, type Scheduler, type SchedulerOptions } from './scheduler.ts';
