import { err, ok, type Result } from '@mesita/sdk/base';
import {
  type Authorizer,
  defineModule,
  type ObjectApprover,
  type Principal,
  param,
} from '@mesita/sdk/module';
import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';
import { DecodeError } from '../../wire/errors.ts';
import { parse } from '../../wire/json.ts';
import * as schema from '../../wire/schema/acls.ts';
import type { ACLs } from '../../wire/types/acls.ts';
import { validateAcls } from '../../wire/validation/acls.ts';
import { approveByClaims } from './claims.ts';
import { type Question, questions } from './questions.ts';
import { decide, type Entity, plainRules, roleRules } from './rules.ts';

/** Mesos' access control lists: for each action a list, of which the first rule that fits decides. */
export const local = defineModule({
  kind: 'Authorizer',
  name: 'local',
  parameters: {
    acls: param.of(
      { type: 'json', parse: parseAcls, format: () => '' },
      { required: true, help: 'JSON of the message ACLs.' },
    ),
  },
  create: (_context, { acls }) => createLocalAuthorizer(acls),
});

function parseAcls(text: string): Result<ACLs> {
  try {
    const acls = parse(schema.ACLs, text);
    const invalid = validateAcls(acls);
    return invalid === undefined ? ok(acls) : err(invalid);
  } catch (error) {
    if (error instanceof DecodeError) return err(error.message);
    throw error;
  }
}

function createLocalAuthorizer(acls: ACLs): Authorizer {
  const { permissive = true } = acls;
  const prepared = new Map(
    Object.entries(questions).map(([action, asked]) => [
      action,
      asked.map((question) => prepare(acls, permissive, question)),
    ]),
  );

  function approver(subject: Principal | undefined, action: Action): ObjectApprover {
    if (subject && subject.value === undefined) return approveByClaims(subject, action);
    const asked = prepared.get(action) ?? [() => false];
    return (object) => asked.every((answer) => answer(subject?.value, object));
  }

  return {
    authorized: (subject, action, object) => approver(subject, action)(object),
    approver,
  };
}

type Answer = (subject: Entity, object: AuthorizedObject | undefined) => boolean;

function prepare(acls: ACLs, permissive: boolean, question: Question): Answer {
  const rules = (question.isAboutRoles ? roleRules : plainRules)(acls, question.list);
  return (subject, object) => {
    if (question.isAskedOf?.(object) === false) return true;
    const objects = object === undefined ? [undefined] : question.objectsOf(object);
    if (objects.length === 0) return permissive;
    return objects.every((each) => decide(rules, subject, each) ?? permissive);
  };
}
