import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '@mesita/sdk/base';
import { createTestContext, type Params } from '@mesita/sdk/module';
import type { ContainerizerOptions } from '../../../src/containerizer/create-containerizer.ts';
import type { CreateIsolator } from '../../../src/containerizer/mesos/isolation.ts';
import { builtinIsolators } from '../../../src/isolators/builtin.ts';

interface Surroundings {
  readonly workDir: string;
  readonly runtimeDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Built-in isolators by name, made as the agent makes them. */
export function createBuiltin(surroundings: Surroundings, flags: object): CreateIsolator {
  const random = { next: Math.random, uuid: () => randomUUID() };
  return async (name) => {
    const module = builtinIsolators.find((each) => each.name === name);
    const whole = { ...createTestContext().context, ...surroundings, random };
    // biome-ignore lint/suspicious/noExplicitAny: each module has parameters of its own
    return module?.create(whole, { ...defaultsOf(module.parameters), ...flags } as any);
  };
}

export function flagsOf({ launcher, isolation }: Partial<ContainerizerOptions>): object {
  return { ...(launcher !== undefined && { launcher }), ...(isolation && { isolation }) };
}

function defaultsOf(parameters: Params): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { default: value }]) => [name, value]),
  );
}
