import { readFileSync } from 'node:fs';
import type { FrameworkInfo } from '@mesita/sdk/types';
import { describe, expect, test } from 'vitest';
import { fromJson } from '../../../wire/json.ts';
import * as master from '../../../wire/schema/master.ts';
import * as scheduler from '../../../wire/schema/scheduler.ts';
import {
  validateFrameworkInfo,
  validateFrameworkUpdate,
  validateOfferConstraintsRoles,
  validateSuppressedRoles,
} from './framework-info.ts';
import { validateMasterCall } from './master-call.ts';
import { validateSchedulerCall } from './scheduler-call.ts';

interface Row {
  readonly id: string;
  readonly call: unknown;
  readonly subscribe: unknown;
  readonly error: string | null;
}

/** What the real master answered; `id` is the row of the record. */
function rows(name: string): Row[] {
  return JSON.parse(readFileSync(new URL(`./testdata/${name}.json`, import.meta.url), 'utf8'));
}

describe('calls are refused as by the real master', () => {
  test.each(rows('scheduler-calls'))('scheduler $id', ({ call, error }) => {
    expect(validateSchedulerCall(fromJson(scheduler.Call, call), undefined) ?? null).toBe(error);
  });

  test.each(rows('master-calls'))('operator $id', ({ call, error }) => {
    expect(validateMasterCall(fromJson(master.Call, call)) ?? null).toBe(error);
  });

  test.each(rows('subscriptions'))('subscription $id', ({ subscribe, error }) => {
    const { frameworkInfo, suppressedRoles, offerConstraints } = fromJson(
      scheduler.Call_Subscribe,
      subscribe,
    );
    const roles = rolesOf(frameworkInfo);
    const ours =
      validateFrameworkInfo(frameworkInfo) ??
      validateSuppressedRoles(roles, suppressedRoles ?? []) ??
      (offerConstraints && validateOfferConstraintsRoles(roles, offerConstraints));
    expect(ours ?? null).toBe(error);
  });
});

function rolesOf({ role = '*', roles = [], capabilities = [] }: FrameworkInfo): Set<string> {
  return new Set(capabilities.some(({ type }) => type === 'MULTI_ROLE') ? roles : [role]);
}

test('the principal of a subscription is the authenticated one', () => {
  const subscribe = (principal?: string) =>
    ({
      type: 'SUBSCRIBE',
      subscribe: { frameworkInfo: { user: 'u', name: 'n', principal } },
    }) as const;
  expect([
    validateSchedulerCall(subscribe('a'), 'a'),
    validateSchedulerCall(subscribe(), 'a'),
    validateSchedulerCall(subscribe('b'), undefined),
    validateSchedulerCall(subscribe('b'), 'a'),
  ]).toEqual([
    undefined,
    undefined,
    undefined,
    "Authenticated principal 'a' does not match principal 'b' set in `FrameworkInfo`",
  ]);
});

test('an update may not change user, principal and checkpointing', () => {
  const info: FrameworkInfo = { user: 'u', name: 'n' };
  expect([
    validateFrameworkUpdate(info, { ...info, name: 'other', checkpoint: false }),
    validateFrameworkUpdate(info, { ...info, user: 'v' }),
    validateFrameworkUpdate(info, { ...info, checkpoint: true }),
    validateFrameworkUpdate(info, { ...info, principal: 'p' }),
  ]).toEqual([
    undefined,
    "Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'u' to 'v'",
    "Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from 'false' to 'true'",
    "Changing framework's principal is not allowed.",
  ]);
});
