// Ids inside the daemons are branded strings; messages carry them as `{ value }`.
declare const brand: unique symbol;
export type Id<Name extends string> = string & { readonly [brand]: Name };

export type AgentId = Id<'Agent'>;
export type FrameworkId = Id<'Framework'>;
export type ExecutorId = Id<'Executor'>;
export type TaskId = Id<'Task'>;
export type OfferId = Id<'Offer'>;
export type ContainerIdText = Id<'Container'>;
/** libprocess address of a process: `slave(1)@127.0.0.1:5051`. */
export type Pid = Id<'Pid'>;
/** One HTTP subscription; also the value of `Mesos-Stream-Id`. */
export type StreamId = Id<'Stream'>;
