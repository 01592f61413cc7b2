import type { SimulatedWorld } from '../world/world.ts';
import { type BookChecks, createBookChecks } from './books.ts';
import { createLeadershipChecks, type LeadershipChecks } from './leadership.ts';
import { createRegistryChecks, type RegistryChecks } from './registry.ts';
import { createTaskChecks, type TaskChecks } from './tasks.ts';
import { createUpdateChecks, type UpdateChecks } from './updates.ts';

/** A rule was broken. `subjects` are what its story is about. */
export class Violation extends Error {
  readonly subjects: readonly string[];

  constructor(message: string, subjects: readonly string[]) {
    super(message);
    this.subjects = subjects;
  }
}

/** Watches from outside: nothing here is told what the code under test believes. */
export interface Checks {
  readonly books: BookChecks;
  readonly updates: UpdateChecks;
  readonly tasks: TaskChecks;
  readonly registry: RegistryChecks;
  readonly leadership: LeadershipChecks;
  /** The first one ends the simulation, after the step that it happened in. */
  fail(text: string, subjects: readonly string[]): void;
  /** The first violation, if there was one. */
  readonly violation: Violation | undefined;
}

export function createChecks(
  counts: () => SimulatedWorld['counts'],
  leaderId: () => string | undefined,
): Checks {
  let violation: Violation | undefined;
  const fail = (text: string, subjects: readonly string[]) => {
    violation ??= new Violation(text, subjects);
  };
  const tasks = createTaskChecks(fail);
  return {
    books: createBookChecks(fail),
    updates: createUpdateChecks(fail, counts, tasks),
    tasks,
    registry: createRegistryChecks(fail),
    leadership: createLeadershipChecks(fail, leaderId),
    fail,
    get violation() {
      return violation;
    },
  };
}

export type Fail = Checks['fail'];
