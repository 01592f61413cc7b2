import type { Result } from '@mesita/sdk/base';
import { err, ok } from '@mesita/sdk/base';
import type { AgentInfo, Attribute, scheduler } from '@mesita/sdk/types';
import { describeConstraint } from './describe-constraint.ts';
import type { PatternLimits } from './pattern.ts';
import { compilePattern } from './pattern.ts';

/** Whether the value a constraint looks at satisfies it: undefined when there is none. */
type Predicate = (value: AgentValue | undefined) => boolean;
type AgentValue = { readonly text: string } | { readonly text: undefined };
interface Constraint {
  readonly holds: (agent: AgentInfo) => boolean;
  /** What it asks for. */
  readonly source: scheduler.AttributeConstraint;
}

/** Which agents a framework wants for which of its roles. */
export class OfferConstraints {
  // Of a role's groups one must hold, and of a group every constraint.
  readonly #groups: ReadonlyMap<string, readonly (readonly Constraint[])[]>;

  constructor(groups: ReadonlyMap<string, readonly (readonly Constraint[])[]>) {
    this.#groups = groups;
  }

  excludes(role: string, agent: AgentInfo): boolean {
    const groups = this.#groups.get(role);
    return (
      groups !== undefined && !groups.some((group) => group.every(({ holds }) => holds(agent)))
    );
  }

  /** Of each group the first constraint that the agent does not satisfy, in words. */
  unsatisfied(role: string, agent: AgentInfo): string[] {
    return (this.#groups.get(role) ?? []).flatMap((group) => {
      const broken = group.find(({ holds }) => !holds(agent));
      return broken === undefined ? [] : [describeConstraint(broken.source)];
    });
  }
}

/** The error is for the framework: it says which constraint of which role is wrong. */
export function parseOfferConstraints(
  { roleConstraints = {} }: scheduler.OfferConstraints,
  limits: PatternLimits,
): Result<OfferConstraints> {
  const parsed = new Map<string, Constraint[][]>();
  for (const [role, { groups = [] }] of Object.entries(roleConstraints)) {
    if (groups.length === 0) {
      return err(
        `'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role ${role}`,
      );
    }
    const parsedGroups: Constraint[][] = [];
    for (const { attributeConstraints = [] } of groups) {
      if (attributeConstraints.length === 0) {
        // The missing blank is Mesos' own.
        return err(
          `'OfferConstraints::RoleConstraints::groups' for role ${role}contains an empty RoleConstraints::Group`,
        );
      }
      const group: Constraint[] = [];
      for (const attribute of attributeConstraints) {
        const constraint = parseConstraint(attribute, limits);
        if (!constraint.ok) {
          return err(`A role ${role} has an invalid 'AttributeConstraint': ${constraint.error}`);
        }
        group.push(constraint.value);
      }
      parsedGroups.push(group);
    }
    parsed.set(role, parsedGroups);
  }
  return ok(new OfferConstraints(parsed));
}

function parseConstraint(
  source: scheduler.AttributeConstraint,
  limits: PatternLimits,
): Result<Constraint> {
  const { selector, predicate } = source;
  const select = parseSelector(selector);
  if (!select.ok) return select;
  const test = parsePredicate(predicate, limits);
  if (!test.ok) return test;
  return ok({ holds: (agent) => test.value(select.value(agent)), source });
}

type Select = (agent: AgentInfo) => AgentValue | undefined;

function parseSelector({
  attributeName,
  pseudoattributeType,
}: scheduler.AttributeConstraint.Selector): Result<Select> {
  if (attributeName !== undefined) {
    return ok((agent) => {
      // Of several attributes with one name the first one decides.
      const attribute = (agent.attributes ?? []).find(({ name }) => name === attributeName);
      return attribute && { text: textOf(attribute) };
    });
  }
  switch (pseudoattributeType) {
    case 'HOSTNAME':
      return ok(({ hostname }) => ({ text: hostname }));
    case 'REGION':
      return ok(({ domain }) => domain?.faultDomain && { text: domain.faultDomain.region.name });
    case 'ZONE':
      return ok(({ domain }) => domain?.faultDomain && { text: domain.faultDomain.zone.name });
    case undefined:
      return err(
        "Exactly one of 'AttributeConstraint::Selector::name' or 'AttributeConstraint::Selector::pseudoattribute_type' must be set",
      );
    default:
      return err('Unknown pseudoattribute type');
  }
}

function textOf({ type, text }: Attribute): string | undefined {
  return type === 'TEXT' ? (text?.value ?? '') : undefined;
}

/** Values that are not texts pass every comparison of texts. */
function parsePredicate(
  predicate: scheduler.AttributeConstraint.Predicate,
  limits: PatternLimits,
): Result<Predicate> {
  const { exists, notExists, textEquals, textNotEquals, textMatches, textNotMatches } = predicate;
  if (exists !== undefined) return ok((value) => value !== undefined);
  if (notExists !== undefined) return ok((value) => value === undefined);
  if (textEquals !== undefined) {
    return ok(
      (value) =>
        value !== undefined && (value.text === undefined || value.text === textEquals.value),
    );
  }
  if (textNotEquals !== undefined) {
    return ok(
      (value) =>
        value === undefined || value.text === undefined || value.text !== textNotEquals.value,
    );
  }
  const regex = textMatches?.regex ?? textNotMatches?.regex;
  if (regex === undefined) return err('Unknown predicate type');
  const pattern = compilePattern(regex, limits);
  if (!pattern.ok) return pattern;
  const matches = pattern.value;
  if (textMatches !== undefined) {
    return ok((value) => value !== undefined && (value.text === undefined || matches(value.text)));
  }
  return ok((value) => value === undefined || value.text === undefined || !matches(value.text));
}
