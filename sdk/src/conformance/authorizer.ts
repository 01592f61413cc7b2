import type { Authorizer, ObjectApprover, Principal } from '../module/index.ts';
import type { Action, Object as AuthorizedObject } from '../types/authorizer.ts';
import { suite } from './common.ts';
import { freeze } from './freeze.ts';
import { executor, framework, task } from './samples.ts';
import type { Scene } from './scene.ts';

const actions: readonly Action[] = [
  'UNKNOWN',
  'REGISTER_FRAMEWORK',
  'RUN_TASK',
  'TEARDOWN_FRAMEWORK',
  'RESERVE_RESOURCES',
  'CREATE_VOLUME',
  'GET_ENDPOINT_WITH_PATH',
  'VIEW_ROLE',
  'UPDATE_WEIGHT',
  'UPDATE_QUOTA',
  'VIEW_FRAMEWORK',
  'VIEW_TASK',
  'ACCESS_SANDBOX',
  'VIEW_FLAGS',
  'REGISTER_AGENT',
  'MARK_AGENT_GONE',
  'SET_LOG_LEVEL',
];

const subjects: readonly (Principal | undefined)[] = freeze([
  undefined,
  {},
  { value: 'nobody-in-particular' },
  { claims: { fid: 'f', eid: 'e', cid: 'c' } },
]);

const objects: readonly (AuthorizedObject | undefined)[] = freeze([
  undefined,
  {},
  { value: 'role-1' },
  { frameworkInfo: framework, taskInfo: task, executorInfo: executor },
]);

async function approve(
  scene: Scene<'Authorizer'>,
  authorizer: Authorizer,
  subject: Principal | undefined,
  action: Action,
) {
  const outcome = await scene.settle(() => authorizer.approver(subject, action));
  const approver = outcome.state === 'answered' ? outcome.value : undefined;
  scene.expect('approver gives a function', typeof approver === 'function', outcome);
  return approver as NonNullable<typeof approver>;
}

/** In a home of its own it knows the answers a little later: the daemon waits for them. */
async function lookUp(
  approver: ObjectApprover & { missing?(): Promise<void> | undefined },
  asked: readonly (AuthorizedObject | undefined)[],
): Promise<void> {
  for (const object of asked) approver(object);
  await approver.missing?.();
}

export const authorizerSuite = suite(
  'Authorizer',
  ['authorized', 'approver'],
  [
    {
      name: 'every question is answered with yes or no, whoever asks and about whatever',
      async run(scene) {
        const authorizer = await scene.create();
        for (const action of actions)
          for (const subject of subjects)
            for (const object of objects) {
              scene.when(`${action} is asked by ${who(subject)}`);
              await scene.answer('authorized', () =>
                authorizer.authorized(subject, action, object),
              );
            }
      },
    },
    {
      name: 'an approver answers at once, and as authorized does',
      async run(scene) {
        const authorizer = await scene.create();
        for (const action of actions)
          for (const subject of subjects) {
            scene.given(`an approver of ${action} for ${who(subject)}`);
            const approver = await approve(scene, authorizer, subject, action);
            await lookUp(approver, objects);
            for (const object of objects) {
              scene.when('it is asked');
              const answer: unknown = approver(object);
              scene.expect('true or false, and no promise', typeof answer === 'boolean', answer);
              const single = await scene.answer('authorized', () =>
                authorizer.authorized(subject, action, object),
              );
              scene.expect(`what authorized says: ${single}`, answer === single, answer);
            }
          }
      },
    },
    {
      name: 'its rules hold',
      async run(scene) {
        const { questions = [] } = scene.samples;
        if (questions.length === 0) scene.skip('no questions with their answers are given');
        const authorizer = await scene.create();
        for (const { subject, action, object, answer } of questions) {
          scene.when(`${action} is asked by ${who(subject)}`);
          const got = await scene.answer('authorized', () =>
            authorizer.authorized(subject, action, object),
          );
          scene.expect(String(answer), got === answer, got);
          const approver = await approve(scene, authorizer, subject, action);
          await lookUp(approver, [object]);
          scene.expect(`${answer} of the approver too`, approver(object) === answer, !answer);
        }
      },
    },
  ],
);

function who(subject: Principal | undefined): string {
  if (subject === undefined) return 'nobody';
  return (
    subject.value ?? (subject.claims ? 'somebody with claims only' : 'somebody without a name')
  );
}
