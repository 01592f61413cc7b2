import type { SecretGenerator } from '@mesita/sdk/module';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import type { RunName } from '../core/events.ts';

/**
 * The token with which an executor proves to this agent who it is. The agent's own executors are
 * no clients of it, and the container of a command is the task's, which must not learn one.
 */
export async function executorSecret(
  generator: SecretGenerator | undefined,
  { frameworkId, executorId, container }: RunName,
  { taskInfo, executorInfo }: ContainerConfig,
): Promise<Readonly<Record<string, string>>> {
  if (!generator || taskInfo || executorInfo?.type === 'DEFAULT') return {};
  const claims = { fid: frameworkId, eid: executorId, cid: container };
  const { type, value } = await generator.generate({ claims });
  if (type !== 'VALUE' || !value) {
    throw new Error(
      `Expecting generated secret to be of VALUE type instead of ${type ?? 'UNKNOWN'} type; only VALUE type secrets are supported at this time`,
    );
  }
  return { MESOS_EXECUTOR_AUTHENTICATION_TOKEN: Buffer.from(value.data).toString('utf8') };
}
