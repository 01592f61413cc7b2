import { expect, test } from 'vitest';
import { decided } from '../../net/late-approver.ts';
import { createApprover } from './approver.ts';
import { CallFailure, lost } from './failure.ts';

interface Scene {
  readonly questions: unknown[];
  readonly ask: (object: unknown) => Promise<unknown>;
  answer: (object: unknown) => unknown;
  now: number;
}

function createScene(answer: Scene['answer']): Scene {
  const scene: Scene = {
    ...{ questions: [], answer, now: 0 },
    async ask(object) {
      scene.questions.push(object);
      return scene.answer(object);
    },
  };
  return scene;
}

const isEven = (object: unknown) => ((object as { value?: number })?.value ?? 1) % 2 === 0;
const some = Array.from({ length: 1_200 }, (_, value) => ({ value }));
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('what is not known is asked once, all together, and decided again', async () => {
  const scene = createScene(isEven);
  const approver = await createApprover(scene.ask, () => scene.now);
  const builds: number[] = [];
  const build = () => {
    const allowed = some.filter((object) => approver(object as never)).length;
    builds.push(allowed);
    return allowed;
  };
  expect(await decided(approver, build)).toBe(600);
  expect([builds, scene.questions.length]).toEqual([[0, 600], 1_201]);
  expect(await decided(approver, build)).toBe(600);
  expect([builds.length, scene.questions.length]).toEqual([3, 1_201]);
});

test('who may act on anything may act on each, and nobody asks', async () => {
  const scene = createScene(() => true);
  const approver = await createApprover(scene.ask, () => scene.now);
  expect([approver(some[1] as never), approver.missing(), scene.questions.length]).toEqual([
    true,
    undefined,
    1,
  ]);
});

test('an old answer holds until the next one, and while the module is away', async () => {
  const scene = createScene(isEven);
  const approver = await createApprover(scene.ask, () => scene.now);
  const even = some[2] as never;
  await decided(approver, () => approver(even));
  const later = async (elapsedMs: number, answer: Scene['answer']) => {
    scene.now += elapsedMs;
    scene.answer = answer;
    const before = approver(even);
    expect(approver.missing()).toBe(undefined);
    await settled();
    return [before, approver(even)];
  };
  const isAway = () => Promise.reject(lost('is away'));
  expect(await later(6_000, isAway)).toEqual([true, true]);
  expect(await later(6_000, () => false)).toEqual([true, false]);
  expect(await later(6_000, isEven)).toEqual([false, true]);
  expect(await later(61_000, isAway)).toEqual([true, false]);
  expect(await later(6_000, isEven)).toEqual([false, true]);
  const refuses = () => Promise.reject(new CallFailure('error', 'I do not know this one'));
  expect(await later(6_000, refuses)).toEqual([true, false]);
});

test('an authorizer that does not answer about anything gives no approver', async () => {
  await expect(createApprover(() => Promise.reject(lost('is away')))).rejects.toThrow('is away');
});
