import { unwrap } from '@mesita/sdk/base';
import { type Authorizer, type ModuleContext, parseParameters } from '@mesita/sdk/module';
import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';
import { describe, expect, test } from 'vitest';
import { Action as actionWords } from '../../wire/schema/authorizer.ts';
import { local } from './local.ts';
import { questions } from './questions.ts';

function create(acls: object): Authorizer {
  const pairs = [{ key: 'acls', value: JSON.stringify(acls) }];
  const parameters = unwrap(parseParameters(local.parameters, pairs));
  return local.create({} as ModuleContext, parameters) as Authorizer;
}

const ANY = { type: 'ANY' };
const NONE = { type: 'NONE' };
const some = (...values: string[]) => ({ values });

function runs(acls: object, principal: string | undefined, user: string | undefined): unknown {
  const object = { frameworkInfo: { name: '', ...(user !== undefined && { user }) } };
  const subject = principal === undefined ? undefined : { value: principal };
  return create(acls).authorized(subject, 'RUN_TASK', object as AuthorizedObject);
}

test('every action has its rules, and an unknown one is refused', () => {
  const known = Object.keys(actionWords.numbers).filter(
    (word) => word !== 'UNKNOWN' && !/_WITH_(ROLE|PRINCIPAL)$/.test(word),
  );
  expect(Object.keys(questions).sort()).toEqual(known.sort());
  expect(create({}).authorized(undefined, 'UNKNOWN', undefined)).toBe(false);
});

describe('rules', () => {
  const rule = (principals: object, users: object) => ({ run_tasks: [{ principals, users }] });

  // As the two matrices of Mesos: who asks, about whom, by which rule, and what comes of it.
  test.each([
    ['a', 'u', rule(some('a'), some('u')), true],
    ['a', 'v', rule(some('a'), some('u')), 'permissive'],
    ['b', 'u', rule(some('a'), some('u')), 'permissive'],
    ['a', 'u', rule(NONE, some('u')), false],
    ['a', 'u', rule(some('a'), NONE), false],
    ['a', 'u', rule(ANY, ANY), true],
    [undefined, 'u', rule(some('a'), some('u')), 'permissive'],
    [undefined, 'u', rule(NONE, some('u')), false],
    [undefined, 'u', rule(ANY, some('u')), true],
    ['a', undefined, rule(some('a'), some('u')), 'permissive'],
    ['a', undefined, rule(some('a'), NONE), false],
    ['a', undefined, rule(some('a'), ANY), true],
  ])('%s about %s', (principal, user, acls, expected) => {
    const open = runs(acls, principal, user);
    const closed = runs({ ...acls, permissive: false }, principal, user);
    expect([open, closed]).toEqual(
      expected === 'permissive' ? [true, false] : [expected, expected],
    );
  });

  test('the first that fits decides', () => {
    const acls = {
      run_tasks: [
        { principals: some('a'), users: some('root') },
        { principals: ANY, users: { ...some('root'), ...NONE } },
        { principals: NONE, users: some('root') },
      ],
    };
    expect(runs(acls, 'a', 'root')).toBe(true);
    expect(runs(acls, 'b', 'root')).toBe(false);
  });
});

test('roles below a role are rules of their own', () => {
  const acls = {
    permissive: false,
    register_frameworks: [{ principals: some('a'), roles: some('x/%', 'y') }],
  };
  const authorizer = create(acls);
  const may = (...roles: string[]) => {
    const frameworkInfo = { name: '', user: '', roles, capabilities: [{ type: 'MULTI_ROLE' }] };
    const object = { frameworkInfo } as AuthorizedObject;
    return authorizer.authorized({ value: 'a' }, 'REGISTER_FRAMEWORK', object);
  };
  expect([may('x/1'), may('x/1/2', 'y'), may('x'), may('y/1'), may('x/1', 'z'), may()]).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('a command inside of a container needs its own leave', () => {
  const acls = {
    permissive: false,
    launch_nested_containers_under_parent_with_user: [
      { principals: some('a'), users: some('parent') },
    ],
    launch_nested_containers_as_user: [{ principals: some('a'), users: some('child') }],
  };
  const approve = create(acls).approver({ value: 'a' }, 'LAUNCH_NESTED_CONTAINER');
  const object = (parent: string, child?: string) =>
    ({
      executorInfo: { command: { user: parent } },
      ...(child !== undefined && { commandInfo: { user: child } }),
    }) as AuthorizedObject;
  const approved = (each: AuthorizedObject) => (approve as (o: AuthorizedObject) => boolean)(each);
  expect([
    approved(object('parent')),
    approved(object('parent', 'child')),
    approved(object('parent', 'root')),
    approved(object('root', 'child')),
  ]).toEqual([true, true, false, false]);
});

test('claims reach into their own container, and nowhere else', () => {
  const authorizer = create({});
  const may = (claims: Record<string, string>, action: Action, ...path: string[]) => {
    const containerId = path.reduce<object | undefined>(
      (parent, value) => ({ value, parent }),
      undefined,
    );
    const object = { containerId } as AuthorizedObject;
    return authorizer.authorized({ claims }, action, object);
  };
  expect(may({ cid: 'c' }, 'LAUNCH_NESTED_CONTAINER', 'c', 'child')).toBe(true);
  expect(may({ cid: 'c' }, 'LAUNCH_NESTED_CONTAINER', 'd', 'c')).toBe(false);
  expect(may({ cid: 'c' }, 'VIEW_FRAMEWORK', 'c')).toBe(false);
  expect(may({}, 'KILL_NESTED_CONTAINER', 'c')).toBe(false);
  expect(may({ cid_prefix: 'p-' }, 'KILL_STANDALONE_CONTAINER', 'p-1')).toBe(true);
  expect(may({ cid_prefix: 'p-' }, 'KILL_STANDALONE_CONTAINER', 'q-1')).toBe(false);
});

test('what is wrong with rules is told before anything starts', () => {
  const complain = (acls: object) =>
    parseParameters(local.parameters, [{ key: 'acls', value: JSON.stringify(acls) }]);
  const paths = { get_endpoints: [{ principals: ANY, paths: some('/nosuch') }] };
  const flags = { view_flags: [{ principals: ANY, flags: some('x') }] };
  const half = { run_tasks: [{ principals: ANY }] };
  const refusals = [paths, flags, half].map((acls) => {
    const parsed = complain(acls);
    return parsed.ok ? undefined : parsed.error.replace(/ '\{.*?\}'(?= of)/, '');
  });
  expect(refusals).toMatchInlineSnapshot(`
    [
      "Bad value of parameter 'acls': Path: '/nosuch' is not an authorizable path",
      "Bad value of parameter 'acls': ACL.ViewFlags type must be either NONE or ANY",
      "Bad value of parameter 'acls': Missing required fields: run_tasks[0].users",
    ]
  `);
});
