import type { ACLs } from '../../wire/types/acls.ts';
import { type AccessRule, type AclList, rulesOf } from '../../wire/validation/acls.ts';

/** One name; undefined stands for whoever or whatever there is. */
export type Entity = string | undefined;

interface Rule {
  readonly subjects: Names;
  readonly objects: Names;
}

type Names =
  | { readonly type: 'ANY' }
  | { readonly type: 'NONE' }
  | { readonly type: 'SOME'; readonly values: ReadonlySet<string> }
  /** Everything below a role: `a/%` is all of `a/b`, `a/b/c`…, but not `a`. */
  | { readonly type: 'BELOW'; readonly prefix: string };

/** What the first rule that fits says; undefined when none does. */
export function decide(
  rules: readonly Rule[],
  subject: Entity,
  object: Entity,
): boolean | undefined {
  const rule = rules.find((each) => fits(subject, each.subjects) && fits(object, each.objects));
  return rule && permits(subject, rule.subjects) && permits(object, rule.objects);
}

/** A rule about nobody fits everyone: that is how it forbids. */
function fits(entity: Entity, names: Names): boolean {
  return names.type === 'NONE' || permits(entity, names);
}

function permits(entity: Entity, names: Names): boolean {
  if (names.type === 'ANY') return true;
  if (entity === undefined || names.type === 'NONE') return false;
  return names.type === 'SOME' ? names.values.has(entity) : entity.startsWith(names.prefix);
}

export function plainRules(acls: ACLs, list: AclList): Rule[] {
  return rulesOf(acls, list).map(({ subjects, objects }) => ({
    subjects: toNames(subjects),
    objects: toNames(objects),
  }));
}

/** Roles below others are rules of their own, before the rest of their ACL. */
export function roleRules(acls: ACLs, list: AclList): Rule[] {
  return rulesOf(acls, list).flatMap(({ subjects, objects }) => {
    const { type = 'SOME', values = [] } = objects;
    const rule = (names: Names): Rule => ({ subjects: toNames(subjects), objects: names });
    if (type !== 'SOME') return [rule({ type })];
    const below = values.filter((role) => role.endsWith('/%'));
    const exact = values.filter((role) => !role.endsWith('/%'));
    return [
      ...below.map((role) => rule({ type: 'BELOW', prefix: role.slice(0, -1) })),
      ...(exact.length > 0 ? [rule({ type: 'SOME', values: new Set(exact) })] : []),
    ];
  });
}

function toNames({ type = 'SOME', values = [] }: AccessRule['subjects']): Names {
  return type === 'SOME' ? { type, values: new Set(values) } : { type };
}
