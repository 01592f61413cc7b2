import { readFile, rm } from 'node:fs/promises';
import type { Logger } from '@mesita/sdk/base';
import { applyCheckpointedResources, Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import { readCheckpoint, writeCheckpoint } from '../../storage/checkpoint.ts';
import { checkCompatible, type ReconfigurationPolicy } from '../checkpoint/compatibility.ts';
import { replayJournal } from '../checkpoint/journal.ts';
import { bootIdPath, latestAgentPath, metaPath } from '../checkpoint/paths.ts';
import { recoverCheckpoints } from '../checkpoint/recover.ts';
import { recoverResources } from '../checkpoint/resources.ts';
import type { RecoveredAgent, RecoveredResources } from '../core/recovered.ts';

interface RecoveryOptions {
  readonly workDir: string;
  readonly info: AgentInfo;
  readonly strict: boolean;
  readonly reconfigurationPolicy: ReconfigurationPolicy;
  readonly log: Logger;
}

/**
 * What the agent that used this work directory before left to this one. Throws the text with which
 * the agent refuses to start.
 */
export async function readRecovered(options: RecoveryOptions): Promise<RecoveredAgent | undefined> {
  const { workDir, info, strict, reconfigurationPolicy, log } = options;
  const meta = metaPath(workDir);
  const bootId = await readBootId();
  const before = (await readCheckpoint(bootIdPath(meta)))?.toString('utf8').trim();
  const rebooted = before !== undefined && bootId !== undefined && before !== bootId;
  if (rebooted) log.info('the machine booted since this work directory was used');
  try {
    // Within one boot the files hold all that was written; a power cut may have taken some of it.
    if (bootId === undefined || before !== bootId) await replayJournal(meta);
    const recovered = await recoverCheckpoints({ workDir, strict, rebooted });
    if (!recovered) return undefined;
    const current = { ...info, ...(recovered.info.id && { id: recovered.info.id }) };
    const compatible = checkCompatible(reconfigurationPolicy, recovered.info, current);
    if (compatible.ok) return recovered;
    if (!rebooted) throw new Error(compatible.error);
    // Nothing of it can still run: a new start costs nothing.
    log.warn('recovering as a new agent', { error: compatible.error });
    await rm(latestAgentPath(meta), { force: true });
    return undefined;
  } catch (error) {
    throw new Error(refusal((error as Error).message, latestAgentPath(meta)), { cause: error });
  }
}

/**
 * Reservations and volumes of this work directory, whichever agent made them. Throws the text with
 * which the agent refuses to start when they are not there any more by what the flags say.
 */
export async function readResources(
  workDir: string,
  info: AgentInfo,
): Promise<RecoveredResources | undefined> {
  const recovered = await recoverResources(metaPath(workDir));
  if (!recovered) return undefined;
  const own = Resources.of(info.resources ?? []);
  const checkpointed = Resources.of(recovered.resources);
  const total = applyCheckpointedResources(own, checkpointed);
  if (total.ok) return recovered;
  throw new Error(
    `Failed to perform recovery: Checkpointed resources ${checkpointed} are incompatible with ` +
      `agent resources ${own}: ${total.error}`,
  );
}

/** After the recovery: the next start can tell whether the machine booted in between. */
export async function keepBootId(workDir: string): Promise<void> {
  const bootId = await readBootId();
  if (bootId !== undefined) await writeCheckpoint(bootIdPath(metaPath(workDir)), bootId);
}

async function readBootId(): Promise<string | undefined> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return undefined;
  }
}

function refusal(reason: string, latest: string): string {
  return `Failed to perform recovery: ${reason}
If recovery failed due to a change in configuration and you want to
keep the current agent id, you might want to change the
\`--reconfiguration_policy\` flag to a more permissive value.

To restart this agent with a new agent id instead, do as follows:
rm -f ${latest}
This ensures that the agent does not recover old live executors.

Finally, restart the agent.`;
}
