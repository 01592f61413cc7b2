import { formatDuration } from '@mesita/sdk/base';
import type { FrameworkInfo } from '@mesita/sdk/types';
import type { AgentConfig } from './config.ts';
import type { Executor } from './state.ts';

/** The environment every executor process starts with, under the names executors look for. */
export function executorEnvironment(
  config: AgentConfig,
  agentId: string,
  framework: FrameworkInfo,
  executor: Executor,
): Record<string, string> {
  const grace = executor.info.shutdownGracePeriod?.nanoseconds;
  const graceMs = grace === undefined ? config.executorShutdownGraceMs : Number(grace) / 1_000_000;
  const isCheckpointing = framework.checkpoint ?? false;
  return {
    ...config.executorEnvironment,
    LIBPROCESS_PORT: '0',
    MESOS_FRAMEWORK_ID: executor.frameworkId,
    MESOS_EXECUTOR_ID: executor.id,
    MESOS_DIRECTORY: executor.directory,
    MESOS_SLAVE_ID: agentId,
    MESOS_SLAVE_PID: config.pid,
    MESOS_AGENT_PID: config.pid,
    MESOS_AGENT_ENDPOINT: config.pid.slice(config.pid.indexOf('@') + 1),
    MESOS_CHECKPOINT: isCheckpointing ? '1' : '0',
    MESOS_HTTP_COMMAND_EXECUTOR: config.httpCommandExecutor ? '1' : '0',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: formatDuration(graceMs),
    ...(isCheckpointing && {
      MESOS_RECOVERY_TIMEOUT: formatDuration(config.recoveryTimeoutMs),
      MESOS_SUBSCRIPTION_BACKOFF_MAX: formatDuration(config.executorReregistrationTimeoutMs),
    }),
  };
}
