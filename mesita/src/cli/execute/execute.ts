import process from 'node:process';
import type { HttpAuthenticatee } from '@mesita/sdk/module';
import type { Offer, TaskStatus } from '@mesita/sdk/types';
import type { Event } from '@mesita/sdk/types/scheduler';
import { connect, type Scheduler } from '../../scheduler/index.ts';
import { isTerminal } from '../../wire/task-state.ts';
import { type Asker, askerOf, nobody } from '../credential.ts';
import { onInterrupt } from '../interrupt.ts';
import { findMaster } from '../master-address.ts';
import { describeStatus, exitStatus } from '../outcome.ts';
import { explain, Problem } from '../problem.ts';
import { agentUrl } from '../sandbox.ts';
import { acknowledge, tell } from '../tell.ts';
import { createHttpAuthenticatee } from './authenticatee.ts';
import { type ExecuteFlags, readExecuteFlags } from './flags.ts';
import { frameworkOf, taskOn } from './launch.ts';
import { copyOutput, type OutputCopy } from './output.ts';

export interface Streams {
  readonly stdout: { write(data: string | Uint8Array): unknown };
  readonly stderr: { write(data: string | Uint8Array): unknown };
}

/** `mesos-execute`: answers the exit status of the task, or 1 when it never ran. */
export async function execute(argv: readonly string[], streams: Streams): Promise<number> {
  const start = readExecuteFlags(argv, process.env);
  if (start.kind === 'help') {
    streams.stdout.write(start.text);
    return 0;
  }
  if (start.kind === 'refused') {
    const { message, suggestion } = start.error;
    const hint = suggestion === undefined ? '' : `Did you mean --${suggestion}?\n`;
    throw new Problem(message, `${hint}See \`mesos-execute --help\` for all flags.`);
  }
  const say = (text: string) => void streams.stderr.write(`${text}\n`);
  const authenticatee = await createHttpAuthenticatee(start.flags, say);
  try {
    return await runTask(start.flags, streams, say, authenticatee.instance);
  } finally {
    await authenticatee.stop();
  }
}

/** What is known about the one task. */
interface Run {
  readonly flags: ExecuteFlags;
  readonly streams: Streams;
  readonly scheduler: Scheduler;
  readonly say: (text: string) => void;
  /** As whom the task's agent is asked for its output. */
  readonly asker: Asker;
  launchedOn: Offer | undefined;
  output: OutputCopy | undefined;
  killTimer: NodeJS.Timeout | undefined;
  last: TaskStatus | undefined;
  /** Hosts whose offer was declined; each is told of once. */
  readonly tooSmall: Set<string>;
}

async function runTask(
  flags: ExecuteFlags,
  streams: Streams,
  say: Run['say'],
  authenticatee: HttpAuthenticatee | undefined,
): Promise<number> {
  const { principal, secret } = flags;
  const credential =
    principal === undefined || secret === undefined ? undefined : { principal, secret };
  const scheduler = connect({
    master: () => findMaster(flags.master),
    framework: frameworkOf(flags),
    contentType: flags.contentType,
    ...(credential && { credential }),
    ...(authenticatee && { authenticatee }),
    onDisconnected: (reason) => say(`not connected (${reason}); trying again`),
  });
  const run: Run = {
    flags,
    streams,
    scheduler,
    say,
    asker: credential ? askerOf(credential) : nobody,
    launchedOn: undefined,
    output: undefined,
    killTimer: undefined,
    last: undefined,
    tooSmall: new Set(),
  };
  const interrupt = onInterrupt(() => process.exit(130));
  interrupt.signal.addEventListener('abort', () => void abandon(run));
  try {
    for await (const event of scheduler.events) {
      const status = await handle(run, event);
      if (status === undefined) continue;
      // Leaving the loop ends the subscription, and with it the right to call.
      await run.output?.finish();
      await tell(scheduler, { type: 'TEARDOWN' });
      return status;
    }
    return interrupt.status || 1;
  } finally {
    interrupt.release();
    clearTimeout(run.killTimer);
    await run.output?.finish();
    scheduler.close();
  }
}

/** Answers the exit status once there is one. */
async function handle(run: Run, event: Event): Promise<number | undefined> {
  switch (event.type) {
    case 'SUBSCRIBED':
      run.say(`subscribed as ${event.subscribed?.frameworkId.value}`);
      // A launch that nothing was heard of went down with the subscription before.
      if (run.last === undefined) run.launchedOn = undefined;
      return undefined;
    case 'OFFERS':
      for (const offer of event.offers?.offers ?? []) await takeOffer(run, offer);
      return undefined;
    case 'UPDATE':
      return event.update === undefined ? undefined : takeUpdate(run, event.update.status);
    case 'ERROR':
      throw new Problem(`the master ended it: ${event.error?.message}`);
    default:
      return undefined;
  }
}

async function takeOffer(run: Run, offer: Offer): Promise<void> {
  const task = run.launchedOn === undefined ? taskOn(offer, run.flags) : undefined;
  const offerIds = [offer.id];
  if (task === undefined) {
    if (run.launchedOn === undefined && !run.tooSmall.has(offer.hostname)) {
      run.tooSmall.add(offer.hostname);
      run.say(`${offer.hostname} offers too little; waiting for more`);
    }
    return tell(run.scheduler, { type: 'DECLINE', decline: { offerIds } });
  }
  run.launchedOn = offer;
  run.say(`launching '${task.name}' on ${offer.hostname}`);
  const operations = [{ type: 'LAUNCH' as const, launch: { taskInfos: [task] } }];
  await tell(run.scheduler, { type: 'ACCEPT', accept: { offerIds, operations } });
}

async function takeUpdate(run: Run, status: TaskStatus): Promise<number | undefined> {
  const { flags, scheduler } = run;
  if (status.taskId.value !== flags.name) return undefined;
  await acknowledge(scheduler, status);
  if (status.state !== run.last?.state) run.say(describeStatus(status));
  run.last = status;
  if (run.launchedOn !== undefined) {
    const sandbox = {
      agentUrl: agentUrl(run.launchedOn),
      frameworkId: scheduler.frameworkId?.value ?? '',
      executorId: flags.name,
      asker: run.asker,
    };
    run.output ??= copyOutput(run.streams, sandbox, (error) => run.say(explain(error)));
  }
  if (status.state === 'TASK_RUNNING' && flags.killAfter !== undefined) {
    run.killTimer ??= setTimeout(() => {
      run.say('asked to kill it');
      void kill(run);
    }, flags.killAfter);
  }
  return isTerminal(status.state) ? exitStatus(status) : undefined;
}

async function kill({ scheduler, flags, launchedOn, say }: Run): Promise<void> {
  const kill = {
    taskId: { value: flags.name },
    ...(launchedOn && { agentId: launchedOn.agentId }),
  };
  await tell(scheduler, { type: 'KILL', kill }).catch((error: unknown) => say(explain(error)));
}

/** Ctrl-C: the task is killed and its end awaited; without a task there is nothing to wait for. */
async function abandon(run: Run): Promise<void> {
  if (run.launchedOn === undefined) return run.scheduler.close();
  run.say('killing the task (once more to leave at once)');
  await kill(run);
}
