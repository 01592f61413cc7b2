import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerID } from '@mesita/sdk/types';
import { onInterrupt } from '../interrupt.ts';
import { openSandbox } from '../sandbox.ts';
import { findTask, type TaskNames, type TaskPlace } from './place.ts';

interface LogsOptions extends TaskNames {
  readonly follow: boolean;
}

const pollMs = 200;
/** Between two looks at whether the task goes on. */
const lookMs = 2000;

/** What a task printed, running or ended; with `follow` what it prints until it ends. */
export async function runLogs(options: LogsOptions): Promise<number> {
  let place = await findTask(options);
  const { agentUrl, frameworkId, executorId } = place;
  const { credential: asker } = options;
  const sandbox = openSandbox({ agentUrl, frameworkId, executorId, asker });
  const below = directoryOf(place);
  const tails = [
    { tail: sandbox.tail(`${below}stdout`), to: process.stdout },
    { tail: sandbox.tail(`${below}stderr`), to: process.stderr },
  ];
  const copy = async (): Promise<void> => {
    for (const { tail, to } of tails) {
      const data = await tail.read();
      if (data.length > 0) to.write(data);
    }
  };
  const interrupt = onInterrupt(() => process.exit(130));
  const { signal } = interrupt;
  try {
    let lookedAt = Date.now();
    while (options.follow && !place.isOver && !signal.aborted) {
      await copy();
      await delay(pollMs, undefined, { signal }).catch(() => {});
      if (Date.now() - lookedAt < lookMs || signal.aborted) continue;
      lookedAt = Date.now();
      place = await findTask(options).catch(() => place);
    }
    await copy();
    return interrupt.status;
  } finally {
    interrupt.release();
    await sandbox.close();
  }
}

/** A pod's task has its sandbox in the one of its executor. */
function directoryOf({ containerId }: TaskPlace): string {
  const path = (id: ContainerID): string =>
    id.parent ? `${path(id.parent)}containers/${id.value}/` : '';
  return containerId ? path(containerId) : '';
}
