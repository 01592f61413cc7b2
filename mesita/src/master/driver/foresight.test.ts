import { createTestContext } from '@mesita/sdk/module';
import type { Offer } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import type { Approvers } from '../core/approvers.ts';
import type { MasterEvent } from '../core/events.ts';
import type { MasterState } from '../core/state.ts';
import { createForesight } from './foresight.ts';

const { log } = createTestContext().context;
const frameworkId = { value: 'f' };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Knows an answer a moment after it was asked for the first time. */
function createLate(): Approvers & { readonly asked: string[] } {
  const known = new Set<string>();
  const asked: string[] = [];
  let missed = 0;
  return {
    asked,
    approved(action, object) {
      const key = JSON.stringify([action, object]);
      if (known.has(key)) return true;
      asked.push(`${action} ${object?.taskInfo?.name ?? object?.value ?? ''}`.trim());
      known.add(key);
      missed++;
      return false;
    },
    missing() {
      if (missed === 0) return undefined;
      missed = 0;
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function createScene(approvers: Approvers) {
  const framework = { id: 'f', info: { id: frameworkId, user: 'u', name: 'fw' }, approvers };
  const state = {
    offers: new Map([['o', { role: 'web' }]]),
    frameworks: { registered: new Map([['f', framework]]) },
  } as unknown as MasterState;
  const seen: string[] = [];
  const post = (event: MasterEvent) => {
    if (event.type === 'SchedulerCall') seen.push(event.call.type ?? '');
  };
  const pass = createForesight({ state, log, post });
  const call = (type: string, body: object = {}) =>
    pass({
      ...{ type: 'SchedulerCall', requestId: 'r' },
      call: { type, frameworkId, ...body },
    } as unknown as MasterEvent);
  const accept = (...operations: Offer.Operation[]) =>
    call('ACCEPT', { accept: { offerIds: [{ value: 'o' }], operations } });
  return { seen, call, accept };
}

const task = (name: string) => ({ name, taskId: { value: name }, agentId: { value: 'a' } });
const launch = (...names: string[]): Offer.Operation => ({
  type: 'LAUNCH',
  launch: { taskInfos: names.map(task) },
});
const reserve: Offer.Operation = {
  type: 'RESERVE',
  reserve: {
    resources: [
      {
        ...{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } },
        reservations: [{ type: 'DYNAMIC', role: 'web', principal: 'p' }],
      },
    ],
  },
};

test('a call waits until all that it will be asked is known; what follows it waits behind', async () => {
  const late = createLate();
  const { seen, call, accept } = createScene(late);
  accept(launch('t1', 't2'), reserve);
  call('KILL', { kill: { taskId: { value: 't1' } } });
  call('REVIVE');
  expect([seen, late.asked]).toEqual([
    ['REVIVE'],
    ['RUN_TASK t1', 'RUN_TASK t2', 'RESERVE_RESOURCES web'],
  ]);
  await settled();
  await settled();
  expect(seen).toEqual(['REVIVE', 'ACCEPT', 'KILL']);
});

test('what is known passes at once, and where nobody is late nobody is asked', () => {
  const asked: string[] = [];
  const { seen, call, accept } = createScene({
    approved(action) {
      asked.push(action);
      return true;
    },
  });
  accept(launch('t1'));
  call('UPDATE_FRAMEWORK', { updateFramework: { frameworkInfo: { user: 'u', name: 'n' } } });
  expect([seen, asked]).toEqual([['ACCEPT', 'UPDATE_FRAMEWORK'], []]);
});
