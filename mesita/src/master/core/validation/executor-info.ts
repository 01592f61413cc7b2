import { Resources } from '@mesita/sdk/resources';
import type { ExecutorInfo } from '@mesita/sdk/types';
import * as schema from '../../../wire/schema/mesos.ts';
import { toTextFormat } from '../../../wire/text-format.ts';
import { validateCommand } from '../../../wire/validation/command.ts';
import { validateContainerInfo } from '../../../wire/validation/container-info.ts';
import { validateId } from '../../../wire/validation/ids.ts';
import { deepEqual } from '../deep-equal.ts';
import {
  validateResources,
  validateRevocability,
  validateSingleAllocation,
  validateUniquePersistenceIds,
} from './resources.ts';

/** Rules that need no books: also for the executors an agent comes back with. */
export function validateExecutorAlone(executor: ExecutorInfo): string | undefined {
  return (
    validateType(executor) ??
    validateId(executor.executorId.value) ??
    validateShutdownGracePeriod(executor) ??
    validateExecutorCommand(executor) ??
    validateExecutorContainer(executor)
  );
}

/** `known` is the executor of the same id that the agent already runs. */
export function validateExecutor(
  executor: ExecutorInfo,
  frameworkId: string,
  known: ExecutorInfo | undefined,
): string | undefined {
  return (
    validateExecutorAlone(executor) ??
    validateFrameworkId(executor, frameworkId) ??
    validateExecutorResources(executor) ??
    validateCompatibility(executor, known)
  );
}

function validateType({ type, command, container }: ExecutorInfo): string | undefined {
  if (type === 'CUSTOM') {
    return command === undefined
      ? "'ExecutorInfo.command' must be set for 'CUSTOM' executor"
      : undefined;
  }
  if (type !== 'DEFAULT') return undefined;
  if (command !== undefined) return "'ExecutorInfo.command' must not be set for 'DEFAULT' executor";
  if (container === undefined) return undefined;
  if (container.type !== 'MESOS')
    return "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor";
  return container.mesos?.image === undefined
    ? undefined
    : "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor";
}

function validateShutdownGracePeriod({ shutdownGracePeriod }: ExecutorInfo): string | undefined {
  return (shutdownGracePeriod?.nanoseconds ?? 0n) < 0n
    ? "ExecutorInfo's 'shutdown_grace_period' must be non-negative"
    : undefined;
}

function validateExecutorCommand({ command }: ExecutorInfo): string | undefined {
  const error = command === undefined ? undefined : validateCommand(command);
  return error === undefined ? undefined : `Executor's \`CommandInfo\` is invalid: ${error}`;
}

function validateExecutorContainer({ container }: ExecutorInfo): string | undefined {
  const error = container === undefined ? undefined : validateContainerInfo(container);
  return error === undefined ? undefined : `Executor's \`ContainerInfo\` is invalid: ${error}`;
}

function validateFrameworkId(executor: ExecutorInfo, expected: string): string | undefined {
  const actual = executor.frameworkId?.value;
  if (actual === undefined) return "'ExecutorInfo.framework_id' must be set";
  if (actual === expected) return undefined;
  return `ExecutorInfo has an invalid FrameworkID (Actual: ${actual} vs Expected: ${expected})`;
}

function validateExecutorResources({ resources: messages = [] }: ExecutorInfo): string | undefined {
  const invalid = validateResources(messages);
  if (invalid !== undefined) return `Executor uses invalid resources: ${invalid}`;
  const resources = Resources.of(messages);
  const duplicate = validateUniquePersistenceIds(resources);
  if (duplicate !== undefined) return `Executor uses duplicate persistence ID: ${duplicate}`;
  const unallocated = validateSingleAllocation(resources);
  if (unallocated !== undefined) return `Invalid executor resources: ${unallocated}`;
  const mixed = validateRevocability(resources);
  return mixed === undefined
    ? undefined
    : `Executor mixes revocable and non-revocable resources: ${mixed}`;
}

const RULE = '------------------------------------------------------------\n';

function validateCompatibility(
  executor: ExecutorInfo,
  known: ExecutorInfo | undefined,
): string | undefined {
  if (known === undefined || areSameExecutors(executor, known)) return undefined;
  const show = (info: ExecutorInfo) => `${toTextFormat(schema.ExecutorInfo, info)}\n`;
  return (
    'ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n' +
    `${RULE}Existing ExecutorInfo:\n${show(known)}${RULE}ExecutorInfo:\n${show(executor)}${RULE}`
  );
}

/** Equal in everything; resources as amounts, whatever their order. */
export function areSameExecutors(a: ExecutorInfo, b: ExecutorInfo): boolean {
  const [{ resources: left = [], ...restOfA }, { resources: right = [], ...restOfB }] = [a, b];
  return deepEqual(restOfA, restOfB) && Resources.of(left).equals(Resources.of(right));
}
