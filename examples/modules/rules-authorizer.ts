// The first rule that fits decides. A rule fits when each of its members does; `*` ends a beginning:
// {"principals": ["ops-*"], "actions": ["TEARDOWN_FRAMEWORK"], "objects": ["*"], "allow": true}
import { err, ok, type Result } from '@mesita/sdk/base';
import { type Authorizer, defineModule, type Principal, param } from '@mesita/sdk/module';
import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';

interface Rule {
  readonly principals?: readonly string[];
  readonly actions?: readonly string[];
  readonly objects?: readonly string[];
  readonly allow: boolean;
}

export default defineModule({
  kind: 'Authorizer',
  name: 'org_example_Rules',
  description: 'A list of rules, the first that fits decides',
  parameters: {
    rules: param.json(checkRules, { required: true, help: 'A JSON list of rules.' }),
    otherwise: param.bool({ default: false, help: 'What holds when no rule fits.' }),
  },
  create({ metrics }, { rules, otherwise }): Authorizer {
    const refused = metrics.counter('refused');
    const decide = (subject: Principal | undefined, action: Action, object?: AuthorizedObject) => {
      const rule = rules.find(
        ({ principals, actions, objects }) =>
          fits(principals, subject?.value ?? '') &&
          fits(actions, action) &&
          fits(objects, nameOf(object)),
      );
      const isAllowed = rule?.allow ?? otherwise;
      if (!isAllowed) refused.increment();
      return isAllowed;
    };
    return {
      authorized: decide,
      approver: (subject, action) => (object) => decide(subject, action, object),
    };
  },
});

function fits(patterns: readonly string[] | undefined, name: string): boolean {
  if (patterns === undefined) return true;
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

/** What an action is about: a user, a role, a principal, a path. */
function nameOf(object: AuthorizedObject | undefined): string {
  const { value, taskInfo, executorInfo, frameworkInfo } = object ?? {};
  const user = taskInfo?.command?.user ?? executorInfo?.command?.user ?? frameworkInfo?.user;
  return value ?? user ?? '';
}

function checkRules(value: unknown): Result<readonly Rule[]> {
  const isList = (member: unknown) =>
    member === undefined || (Array.isArray(member) && member.every((e) => typeof e === 'string'));
  const isRule = (rule: Rule) =>
    typeof rule === 'object' &&
    rule !== null &&
    typeof rule.allow === 'boolean' &&
    [rule.principals, rule.actions, rule.objects].every(isList);
  if (Array.isArray(value) && value.every(isRule)) return ok(value);
  return err('Expecting a list of {principals, actions, objects: [text], allow: true or false}');
}
