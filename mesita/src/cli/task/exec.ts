import { randomUUID } from 'node:crypto';
import process from 'node:process';
import type { agent, ContainerID } from '@mesita/sdk/types';
import { onInterrupt } from '../interrupt.ts';
import { type AgentApi, openAgent } from './api.ts';
import { findTask, runningContainer, type TaskNames } from './place.ts';
import { takeTerminal } from './raw-terminal.ts';
import { copyOutput, exitStatusOf, noInput, openOutput, sendInput } from './streams.ts';

interface ExecOptions extends TaskNames {
  readonly command: readonly string[];
  readonly interactive: boolean;
  readonly tty: boolean;
}

/** Runs a command beside a task, in a container within the task's. Answers the command's status. */
export async function runExec(options: ExecOptions): Promise<number> {
  const place = await findTask(options);
  const id: ContainerID = { value: `exec-${randomUUID()}`, parent: runningContainer(place) };
  const api = openAgent(place.agentUrl, options.credential);
  const terminal = options.tty ? takeTerminal() : undefined;
  const interrupt = onInterrupt(() => process.exit(130));
  try {
    const stream = await openOutput(api.client, session(id, options, terminal?.size));
    // Without a terminal of its own Ctrl-C ends us, and with us the command.
    interrupt.signal.addEventListener('abort', () => stream.close());
    const reads = options.interactive;
    const input = reads || terminal ? sendInput(api.client, id, { reads, terminal }) : noInput;
    try {
      await Promise.race([copyOutput(stream), input.refused]);
    } catch (error) {
      if (interrupt.signal.aborted) return interrupt.status;
      throw error;
    } finally {
      input.stop();
    }
    if (interrupt.signal.aborted) return interrupt.status;
    return await statusOf(api, id);
  } finally {
    terminal?.restore();
    interrupt.release();
    await api.client.close();
  }
}

function session(
  containerId: ContainerID,
  { command, tty }: ExecOptions,
  windowSize: { readonly rows: number; readonly columns: number } | undefined,
): agent.Call {
  const [value = '', ...args] = command;
  const ttyInfo = windowSize ? { windowSize } : {};
  const variables = tty ? [{ name: 'TERM', value: process.env.TERM ?? 'xterm' }] : [];
  return {
    type: 'LAUNCH_NESTED_CONTAINER_SESSION',
    launchNestedContainerSession: {
      containerId,
      command: { shell: false, value, arguments: [value, ...args], environment: { variables } },
      ...(tty && { container: { type: 'MESOS', ttyInfo } }),
    },
  };
}

async function statusOf(api: AgentApi, id: ContainerID): Promise<number> {
  const { waitContainer } = await api.call({
    type: 'WAIT_CONTAINER',
    waitContainer: { containerId: id },
  });
  const remove = { type: 'REMOVE_CONTAINER', removeContainer: { containerId: id } } as const;
  await api.call(remove).catch(() => {});
  return waitContainer?.exitStatus === undefined ? 1 : exitStatusOf(waitContainer.exitStatus);
}
