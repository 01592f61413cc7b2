/** What can be done to whoever passes a point. */
export type Harm =
  /** `kill -9` of the process. */
  | 'kill'
  /** SIGSTOP, longer than anybody waits, and then SIGCONT. */
  | 'freeze'
  /** The machine loses power: the process, its containers, and what its disk had not synced. */
  | 'power'
  /** It takes seconds. */
  | 'delay'
  /** It never arrives. */
  | 'lose-request'
  /** It arrives, and nobody hears so. */
  | 'lose-answer'
  /** It arrives late, and whoever sent it has died at once. */
  | 'orphan';

const process: readonly Harm[] = ['kill', 'freeze'];
const machine: readonly Harm[] = ['kill', 'freeze', 'power'];
const server: readonly Harm[] = ['delay', 'lose-request', 'lose-answer', 'orphan'];

/** Every named place where the simulation may strike, and how. */
export const faultPoints = {
  // A master on its way to lead.
  'election.contend.before': process,
  'election.contend.entered': process,
  'election.detected.self': process,
  'election.detected.other': process,
  'registry.recover.before': process,
  'registry.recover.read': process,
  'registry.commit.before': process,
  'registry.commit.durable': process,
  // An operation is about to be written, or is and was not yet acted upon.
  'registry.AdmitAgent.before': process,
  'registry.AdmitAgent.durable': process,
  'registry.MarkAgentReachable.before': process,
  'registry.MarkAgentReachable.durable': process,
  'registry.MarkAgentUnreachable.before': process,
  'registry.MarkAgentUnreachable.durable': process,
  'registry.ExpectFramework.before': process,
  'registry.ExpectFramework.durable': process,
  'registry.ForgetFramework.before': process,
  'registry.ForgetFramework.durable': process,
  // Before a master says something.
  'master.send.RunTaskMessage': process,
  'master.send.KillTaskMessage': process,
  'master.send.StatusUpdateAcknowledgementMessage': process,
  'master.send.SlaveRegisteredMessage': process,
  'master.send.SlaveReregisteredMessage': process,
  'master.send.PingSlaveMessage': process,
  'master.send.FrameworkToExecutorMessage': process,
  'master.send.ShutdownExecutorMessage': process,
  'master.publish.SUBSCRIBED': process,
  'master.publish.OFFERS': process,
  'master.publish.RESCIND': process,
  'master.publish.UPDATE': process,
  'master.publish.FAILURE': process,
  'master.allocator.addAgent': process,
  'master.allocator.recoverResources': process,
  // The servers of the election and of the registry.
  'ensemble.candidate.write': server,
  'ensemble.registry.write': server,
  // An agent's disk: before a record is written, written and not synced, synced and not acted upon.
  'checkpoint.agent.before': process,
  'checkpoint.agent.unsynced': machine,
  'checkpoint.agent.durable': process,
  'checkpoint.framework.unsynced': machine,
  'checkpoint.executor.before': process,
  'checkpoint.executor.unsynced': machine,
  'checkpoint.executor.durable': process,
  'checkpoint.subscribed.unsynced': machine,
  'checkpoint.task.before': process,
  'checkpoint.task.unsynced': machine,
  'checkpoint.task.durable': process,
  'checkpoint.update.before': process,
  'checkpoint.update.unsynced': machine,
  'checkpoint.update.durable': process,
  'checkpoint.acknowledgement.before': process,
  'checkpoint.acknowledgement.unsynced': machine,
  'checkpoint.acknowledgement.durable': process,
  'checkpoint.completed.before': process,
  'checkpoint.completed.unsynced': machine,
  // Before an agent says something.
  'agent.send.RegisterSlaveMessage': process,
  'agent.send.ReregisterSlaveMessage': process,
  'agent.send.UpdateSlaveMessage': process,
  'agent.send.PongSlaveMessage': process,
  'agent.send.StatusUpdateMessage': process,
  'agent.send.ExitedExecutorMessage': process,
  'agent.executor.LAUNCH': process,
  'agent.executor.KILL': process,
  'agent.executor.ACKNOWLEDGED': process,
  // Containers, and the agent's own executors.
  'container.recover.before': process,
  'container.launch.before': process,
  'container.launch.forked': process,
  'container.launched.untold': process,
  'container.ended.untold': process,
  'container.destroy.before': process,
  'builtin.start.before': process,
  'builtin.notes.before': process,
  'builtin.finish.before': process,
  // Schedulers.
  'scheduler.subscribe.before': process,
  'scheduler.accept.before': process,
  'scheduler.acknowledge.before': process,
  'scheduler.kill.before': process,
} as const satisfies Readonly<Record<string, readonly Harm[]>>;

export type FaultPoint = keyof typeof faultPoints;

export const faultPointNames = Object.keys(faultPoints) as readonly FaultPoint[];

/** Those that are built from the name of what happens there. */
export function pointNamed(name: string): FaultPoint | undefined {
  return name in faultPoints ? (name as FaultPoint) : undefined;
}
