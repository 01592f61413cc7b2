import type { AgentInfo, scheduler } from '@mesita/sdk/types';
import { describe, expect, it } from 'vitest';
import { parseOfferConstraints } from './offer-constraints.ts';
import { estimateProgramSize } from './pattern.ts';

const LIMITS = { maxMemoryBytes: 4096, maxProgramSize: 100 };
type Predicate = scheduler.AttributeConstraint.Predicate;

const text = (name: string, value: string) => ({ name, type: 'TEXT', text: { value } }) as const;
const agent = (...attributes: NonNullable<AgentInfo['attributes']>): AgentInfo => ({
  hostname: 'h1',
  attributes,
});
const ABSENT = agent(text('other', 'v'));
const MATCHING = agent(text('rack', 'r1'), text('rack', 'r2'));
const DIFFERENT = agent(text('rack', 'r2'), text('rack', 'r1'));
const SCALAR = agent({ name: 'rack', type: 'SCALAR', scalar: { value: 1 } });

function constraint(
  predicate: Predicate,
  selector: scheduler.AttributeConstraint.Selector = { attributeName: 'rack' },
) {
  return { selector, predicate };
}

function parse(...groups: scheduler.AttributeConstraint[][]) {
  const roleConstraints = {
    role1: { groups: groups.map((attributeConstraints) => ({ attributeConstraints })) },
  };
  return parseOfferConstraints({ roleConstraints }, LIMITS);
}

function accepts(...groups: scheduler.AttributeConstraint[][]): boolean[] {
  const parsed = parse(...groups);
  if (!parsed.ok) throw new Error(parsed.error);
  return [ABSENT, MATCHING, DIFFERENT, SCALAR].map((info) => !parsed.value.excludes('role1', info));
}

describe('predicates on an absent attribute, one that matches, one that differs, one that is no text', () => {
  it.each<[Predicate, boolean[]]>([
    [{ exists: {} }, [false, true, true, true]],
    [{ notExists: {} }, [true, false, false, false]],
    [{ textEquals: { value: 'r1' } }, [false, true, false, true]],
    [{ textNotEquals: { value: 'r1' } }, [true, false, true, true]],
    [{ textMatches: { regex: '[qr]1' } }, [false, true, false, true]],
    [{ textNotMatches: { regex: '[qr]1' } }, [true, false, true, true]],
    [{ textMatches: { regex: 'r' } }, [false, false, false, true]],
  ])('%j', (predicate, expected) => {
    expect(accepts([constraint(predicate)])).toEqual(expected);
  });
});

describe('groups', () => {
  const exists = constraint({ exists: {} });
  const isR1 = constraint({ textEquals: { value: 'r1' } });
  const isR2 = constraint({ textEquals: { value: 'r2' } });

  it('want all constraints of one of them', () => {
    expect(accepts([exists, isR1])).toEqual([false, true, false, true]);
    expect(accepts([isR1], [isR2])).toEqual([false, true, true, true]);
  });

  it('concern their role only; an empty message excludes nobody', () => {
    const parsed = parse([exists]);
    expect(parsed.ok && parsed.value.excludes('role2', ABSENT)).toBe(false);
    const none = parseOfferConstraints({}, LIMITS);
    expect(none.ok && none.value.excludes('role1', ABSENT)).toBe(false);
  });

  it('take the first of several attributes with one name', () => {
    const parsed = parse([isR1]);
    const both = (first: string, second: string) =>
      agent(text('rack', first), text('rack', second));
    expect(parsed.ok && parsed.value.excludes('role1', both('r1', 'r2'))).toBe(false);
    expect(parsed.ok && parsed.value.excludes('role1', both('r2', 'r1'))).toBe(true);
  });

  it('may look at the host and its place', () => {
    const isHere = constraint({ textEquals: { value: 'h1' } }, { pseudoattributeType: 'HOSTNAME' });
    const isEast = constraint({ textEquals: { value: 'east' } }, { pseudoattributeType: 'REGION' });
    expect(accepts([isHere])).toEqual([true, true, true, true]);
    expect(accepts([isEast])).toEqual([false, false, false, false]);
  });
});

describe('the estimate of a program', () => {
  it.each([
    ['abc', 3],
    ['a{5}', 5],
    ['a{2,5}b', 6],
    ['a{3,}', 4],
    ['[]a-z]{10}', 10],
    ['\\({7}', 7],
    ['(ab){10}', 40],
    ['((a{10}){10}){10}', 1220],
    ['a{b}', 4],
    ['(((', 0],
    [')))', 6],
  ])('of %s', (regex, size) => {
    expect(estimateProgramSize(regex)).toBe(size);
  });
});

describe('what is wrong is said', () => {
  it.each([
    ['(', 'Failed to construct regex'],
    ['(a)\\1', 'invalid escape sequence: \\1'],
    ['(?=a)', 'invalid perl operator: (?='],
    ['(a|b){1,60}', 'is too complex: program size'],
    ['a'.repeat(10_000), 'pattern too large'],
    ['(a{100}){100}', 'invalid repetition size'],
    ['a{1000}'.repeat(500), 'pattern too large'],
    ['((((x{20}){20}){20}){20}){20}', 'invalid repetition size'],
  ])('%.20s', (regex, reason) => {
    for (const predicate of [{ textMatches: { regex } }, { textNotMatches: { regex } }]) {
      const parsed = parse([constraint(predicate)]);
      expect(parsed).toEqual({ ok: false, error: expect.stringContaining(reason) });
    }
  });

  it('and what takes other engines for ever is answered at once', () => {
    const long = agent(text('rack', 'a'.repeat(5_000)));
    const parsed = parse([constraint({ textMatches: { regex: '(a+)+b' } })]);
    expect(parsed.ok && parsed.value.excludes('role1', long)).toBe(true);
  });
});
