import type { InstanceOf, KindName, Module, Params } from '../module/index.ts';
import { parseParameters } from '../module/index.ts';
import type { Samples } from './samples.ts';
import { createScene } from './scene.ts';
import { Breach, formatStory, NotApplicable, type Story, show } from './story.ts';
import type { Case, Subject, Suite } from './suite.ts';
import { suites } from './suites.ts';

/** How one case ended. */
export type Verdict =
  | { readonly name: string; readonly state: 'passed' }
  | { readonly name: string; readonly state: 'skipped'; readonly reason: string }
  | { readonly name: string; readonly state: 'failed'; readonly story: Story };

/** The suite of a kind. */
export function suiteOf<K extends KindName>(kind: K): Suite<K> {
  return suites[kind] as unknown as Suite<K>;
}

/** Runs one case in a world of its own. Never rejects. */
export async function runCase<K extends KindName>(
  each: Case<K>,
  subject: Subject<K>,
): Promise<Verdict> {
  const { name } = each;
  const scene = createScene(subject);
  try {
    await each.run(scene);
    return { name, state: 'passed' };
  } catch (error) {
    if (error instanceof NotApplicable) return { name, state: 'skipped', reason: error.message };
    if (error instanceof Breach) return { name, state: 'failed', story: error.story };
    const story = { given: '', when: 'the case runs', expected: 'no surprise', got: show(error) };
    return { name, state: 'failed', story };
  } finally {
    scene.world.shutDown();
  }
}

/** All cases of the subject's kind, one after the other. */
export async function runSuite<K extends KindName>(subject: Subject<K>): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const each of suiteOf(subject.kind).cases) verdicts.push(await runCase(each, subject));
  return verdicts;
}

export interface TestedModule<K extends KindName> {
  /** As in a manifest. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly samples?: Samples<K>;
  readonly directory?: string;
  readonly patienceMs?: number;
}

/** A module with parameters, as its suite wants it. Throws where the parameters are wrong. */
export function subjectOf<K extends KindName, P extends Params>(
  module: Module<K, P>,
  { parameters = {}, ...rest }: TestedModule<K> = {},
): Subject<K> {
  const pairs = Object.entries(parameters).map(([key, value]) => ({ key, value }));
  const read = parseParameters(module.parameters, pairs);
  if (!read.ok) throw new Error(`${module.name}: ${read.error}`);
  return {
    ...rest,
    kind: module.kind,
    create: (context) => module.create(context, read.value) as InstanceOf<K>,
  };
}

/**
 * `test` of vitest, of `node:test`, or of any runner that takes a name and an async function. Both
 * give the function a context that can skip: a case that does not apply is shown so, with its reason.
 */
type Test = (name: string, run: (...given: unknown[]) => Promise<void>) => unknown;

interface Skipping {
  skip?(reason: string): unknown;
}

/** Registers a test for each case of the module's kind. */
export function conform<K extends KindName, P extends Params>(
  test: Test,
  module: Module<K, P>,
  options: TestedModule<K> = {},
): void {
  const subject = subjectOf(module, options);
  for (const each of suiteOf(module.kind).cases) {
    // No named parameter: runners that count them would wait for a callback.
    test(`${module.name}: ${each.name}`, async (...given: readonly unknown[]) => {
      const verdict = await runCase(each, subject);
      if (verdict.state === 'failed') throw new Error(`\n${formatStory(verdict.story)}`);
      if (verdict.state === 'skipped') (given[0] as Skipping | undefined)?.skip?.(verdict.reason);
    });
  }
}
