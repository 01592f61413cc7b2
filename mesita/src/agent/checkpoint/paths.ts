import { runPath } from '../core/sandbox.ts';
import type { RunRef } from '../core/state.ts';

/** Where the facts of one run lie below `meta`, under the names a C++ agent looks for. */
export interface RunPaths {
  readonly directory: string;
  readonly latest: string;
  /** Of the executor, whatever its run. */
  readonly executorInfo: string;
  readonly generated: string;
  readonly sentinel: string;
  readonly forkedPid: string;
  readonly libprocessPid: string;
  readonly httpMarker: string;
  readonly tasks: string;
}

export function metaPath(workDir: string): string {
  return `${workDir}/meta`;
}

export function bootIdPath(meta: string): string {
  return `${meta}/boot_id`;
}

/** Our own: what was written to other files since they were last made durable. */
export function journalPath(meta: string): string {
  return `${meta}/journal`;
}

export function agentsPath(root: string): string {
  return `${root}/slaves`;
}

export function latestAgentPath(meta: string): string {
  return `${agentsPath(meta)}/latest`;
}

export function agentPath(root: string, agentId: string): string {
  return `${agentsPath(root)}/${agentId}`;
}

export function agentInfoPath(meta: string, agentId: string): string {
  return `${agentPath(meta, agentId)}/slave.info`;
}

export function drainConfigPath(meta: string, agentId: string): string {
  return `${agentPath(meta, agentId)}/drain.config`;
}

export function frameworksPath(meta: string, agentId: string): string {
  return `${agentPath(meta, agentId)}/frameworks`;
}

export function frameworkInfoPath(meta: string, agentId: string, framework: string): string {
  return `${frameworksPath(meta, agentId)}/${framework}/framework.info`;
}

export function frameworkPidPath(meta: string, agentId: string, framework: string): string {
  return `${frameworksPath(meta, agentId)}/${framework}/framework.pid`;
}

export function executorsPath(meta: string, agentId: string, framework: string): string {
  return `${frameworksPath(meta, agentId)}/${framework}/executors`;
}

export function runPaths(meta: string, run: RunRef): RunPaths {
  const directory = runPath(meta, run);
  const executor = `${executorsPath(meta, run.agentId, run.frameworkId)}/${run.executorId}`;
  return {
    directory,
    latest: `${executor}/runs/latest`,
    executorInfo: `${executor}/executor.info`,
    generated: `${executor}/executor.generated`,
    sentinel: `${directory}/executor.sentinel`,
    forkedPid: `${directory}/pids/forked.pid`,
    libprocessPid: `${directory}/pids/libprocess.pid`,
    httpMarker: `${directory}/pids/http.marker`,
    tasks: `${directory}/tasks`,
  };
}

interface TaskPaths {
  readonly info: string;
  readonly updates: string;
  /** Our own: how a built-in executor was told of the task. */
  readonly launch: string;
}

export function taskPaths({ tasks }: RunPaths, task: string): TaskPaths {
  const directory = `${tasks}/${task}`;
  return {
    info: `${directory}/task.info`,
    updates: `${directory}/task.updates`,
    launch: `${directory}/task.launch`,
  };
}

/** Our own: what a built-in executor wants to know again after the agent's restart. */
export function notesPath(meta: string, run: RunRef): string {
  return `${runPath(meta, run)}/executor.notes`;
}
