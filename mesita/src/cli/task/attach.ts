import process from 'node:process';
import type { ContainerID } from '@mesita/sdk/types';
import { onInterrupt } from '../interrupt.ts';
import { type AgentApi, openAgent } from './api.ts';
import { findTask, runningContainer, type TaskNames } from './place.ts';
import { takeTerminal } from './raw-terminal.ts';
import { copyOutput, exitStatusOf, noInput, openOutput, sendInput } from './streams.ts';

interface AttachOptions extends TaskNames {
  readonly stdin: boolean;
}

/** Ctrl-P, Ctrl-Q. */
const leaveKeys = [16, 17] as const;

/** Attaches to a task's own terminal. Answers the task's status, or 0 when we left. */
export async function runAttach(options: AttachOptions): Promise<number> {
  const place = await findTask(options);
  const id = runningContainer(place);
  const api = openAgent(place.agentUrl, options.credential);
  const interrupt = onInterrupt(() => process.exit(130));
  let terminal: ReturnType<typeof takeTerminal> | undefined;
  let hasLeft = false;
  try {
    const ended = statusOf(api, id);
    const call = {
      type: 'ATTACH_CONTAINER_OUTPUT',
      attachContainerOutput: { containerId: id },
    } as const;
    const stream = await openOutput(api.client, call);
    interrupt.signal.addEventListener('abort', () => stream.close());
    terminal = options.stdin ? takeTerminal() : undefined;
    const leaves = createLeaving(() => {
      hasLeft = true;
      stream.close();
    });
    const input = options.stdin
      ? sendInput(api.client, id, { reads: true, terminal, leaves })
      : noInput;
    try {
      await Promise.race([copyOutput(stream), input.refused]);
    } catch (error) {
      if (!hasLeft && !interrupt.signal.aborted) throw error;
    } finally {
      input.stop();
    }
    if (hasLeft) return 0;
    return interrupt.signal.aborted ? interrupt.status : await ended;
  } finally {
    terminal?.restore();
    interrupt.release();
    await api.client.close();
  }
}

/** Asked for before it ends: nobody remembers a task's container for long. */
function statusOf(api: AgentApi, containerId: ContainerID): Promise<number> {
  return api.call({ type: 'WAIT_CONTAINER', waitContainer: { containerId } }).then(
    ({ waitContainer }) => exitStatusOf(waitContainer?.exitStatus ?? 256),
    () => 1,
  );
}

function createLeaving(leave: () => void): (data: Uint8Array) => boolean {
  let isHalf = false;
  return (data) => {
    const last = data.at(-1);
    const isWhole =
      (data.length > 1 && data.at(-2) === leaveKeys[0] && last === leaveKeys[1]) ||
      (isHalf && data[0] === leaveKeys[1]);
    isHalf = last === leaveKeys[0];
    if (isWhole) leave();
    return isWhole || (isHalf && data.length === 1);
  };
}
