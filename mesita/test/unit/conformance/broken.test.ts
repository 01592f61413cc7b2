// The test of the tests: a module that breaks one rule fails the case of that rule, with its story.
import process from 'node:process';
import { conform, runSuite, type Subject, subjectOf, suiteOf } from '@mesita/sdk/conformance';
import {
  type Allocator,
  defineModule,
  type Hook,
  type InstanceOf,
  type Isolator,
  type KindName,
} from '@mesita/sdk/module';
import { calls } from '@mesita/sdk/module/calls';
import { Resources } from '@mesita/sdk/resources';
import { expect, test } from 'vitest';
import { HierarchicalAllocator } from '../../../src/allocator/hierarchical-allocator.ts';

/** The first failure, told in a line. */
async function failures(subject: Subject): Promise<string[]> {
  const verdicts = await runSuite({ patienceMs: 60, ...subject });
  return verdicts.flatMap((verdict) =>
    verdict.state === 'failed' ? [`${verdict.name}: got ${verdict.story.got}`] : [],
  );
}

function broken<K extends KindName>(kind: K, create: () => unknown): Subject {
  const module = defineModule({ kind, name: `broken ${kind}`, create: create as never });
  return subjectOf(module as never) as unknown as Subject;
}

test('every kind has a suite, with more than what all have', () => {
  for (const kind of Object.keys(calls) as KindName[]) {
    expect([kind, suiteOf(kind).kind]).toEqual([kind, kind]);
    expect(suiteOf(kind).cases.length).toBeGreaterThan(2);
  }
});

test('a misspelt method, an instance that is none, a create that never ends', async () => {
  expect(await failures(broken('Isolator', () => ({ cleanUp() {} })))).toContain(
    'create makes an instance with the methods of its kind: got ["cleanUp: is cleanup meant?"]',
  );
  expect(await failures(broken('Hook', () => ({ slaveRunTaskLabelDecorator() {} })))).toEqual([
    'create makes an instance with the methods of its kind: got ["slaveRunTaskLabelDecorator: is agentRunTaskLabelDecorator meant?"]',
  ]);
  const never = await failures(broken('Anonymous', () => new Promise(() => {})));
  expect(never[0]).toBe(
    'create makes an instance with the methods of its kind: got a promise that stays pending',
  );
});

const isolators: readonly (readonly [string, () => Isolator, string])[] = [
  [
    'cleanup that works once',
    () => {
      const seen = new Set<string>();
      return {
        async cleanup({ value }) {
          if (seen.has(value)) throw new Error('already cleaned up');
          seen.add(value);
        },
      };
    },
    'cleanup may come twice: got Error: already cleaned up',
  ],
  [
    'cleanup of what it knows only',
    () => {
      const known = new Set<string>();
      return {
        async prepare({ value }) {
          known.add(value);
          return undefined;
        },
        async cleanup({ value }) {
          if (!known.has(value)) throw new Error('unknown container');
        },
      };
    },
    'cleanup may come for a container it never saw: got Error: unknown container',
  ],
  [
    'a watch that does not hear its signal',
    () => ({ watch: () => new Promise(() => {}) }),
    'watching ends with its signal, and not before for a container that behaves: got it stays pending',
  ],
  [
    'a launch with another root',
    () => ({ prepare: async () => ({ rootfs: '/elsewhere' }) }),
    'a container lives from prepare to cleanup: got ["rootfs"]',
  ],
  [
    'an answer of another shape',
    () => ({ prepare: async () => 'fine' as never }),
    'a container lives from prepare to cleanup: got the answer should be an object, and is string',
  ],
  [
    'usage that hangs',
    () => ({ usage: () => new Promise(() => {}) }),
    'a container lives from prepare to cleanup: got silence',
  ],
  [
    'cleanup that breaks when it comes twice at once',
    () => {
      let isBusy = false;
      return {
        async cleanup() {
          if (isBusy) throw new Error('busy');
          isBusy = true;
          await new Promise(setImmediate);
          isBusy = false;
        },
      };
    },
    'cleanup may come twice at once: got Error: busy',
  ],
  [
    'a limitation for a container that is gone',
    () => {
      let told = (_limitation: object): void => {};
      return {
        watch: (_id, signal) =>
          new Promise((resolve, reject) => {
            told = resolve as typeof told;
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
        async cleanup() {
          told({ message: 'too much' });
        },
      };
    },
    'who still watches a container that is cleaned up hears of no limitation: got {"message":"too much"}',
  ],
  [
    'nested containers that it forgets',
    () => {
      const known = new Set<string>();
      return {
        supportsNesting: true,
        async prepare({ value }) {
          known.add(value);
          return undefined;
        },
        async recover(states) {
          if (states.some(({ containerId }) => containerId.parent)) throw new Error('nested?');
        },
      };
    },
    'containers inside of others are recovered with them: got Error: nested?',
  ],
  [
    'one usage for all',
    () => {
      let containers = 0;
      return {
        async prepare() {
          containers++;
          return undefined;
        },
        async usage() {
          if (containers < 2) throw new Error('nobody is there');
          return { timestamp: 0 };
        },
        async cleanup() {
          containers--;
        },
      };
    },
    'two containers do not meet: got a refusal',
  ],
  [
    'a memory that knows nothing after a restart',
    () => ({
      async recover(states) {
        if (states.length > 0) throw new Error('what is this?');
      },
    }),
    'after a restart known containers go on and orphans are cleaned up: got Error: what is this?',
  ],
];

test.each(isolators)('an isolator with %s', async (_name, create, expected) => {
  expect(await failures(broken('Isolator', create))).toContainEqual(
    expect.stringContaining(expected),
  );
});

test('an isolator that uses a container after its cleanup', async () => {
  const module = defineModule({
    kind: 'Isolator',
    name: 'late',
    create: ({ containers }) => ({
      async cleanup(id) {
        setTimeout(() => void containers.set(id, 'too late'), 5);
      },
    }),
  });
  expect(await failures(subjectOf(module) as unknown as Subject)).toContain(
    'a container is used no more after its cleanup: got ["c1"]',
  );
});

test('an isolator that cannot go on after a checkpoint that failed', async () => {
  const module = defineModule({
    kind: 'Isolator',
    name: 'hurt',
    create: ({ containers }) => {
      let isHurt = false;
      return {
        async prepare(id) {
          if (isHurt) throw new Error('I am hurt');
          isHurt = true;
          await containers.set(id, 'here');
          isHurt = false;
          return undefined;
        },
        async cleanup() {},
      };
    },
  });
  expect(await failures(subjectOf(module) as unknown as Subject)).toContain(
    'a checkpoint that cannot be written costs its own launch only: got Error: I am hurt',
  );
});

test('with a process to isolate, a refusal to look at it is a failure', async () => {
  const refusing = () => ({
    usage: async () => {
      throw new Error('I cannot');
    },
  });
  const subject = broken('Isolator', refusing);
  expect(await failures(subject)).toEqual([]);
  expect(await failures({ ...subject, samples: { pid: process.pid } as never })).toContain(
    'a container lives from prepare to cleanup: got Error: I cannot',
  );
});

test('in a runner, a case that does not apply is skipped and says why', async () => {
  const module = defineModule({ kind: 'Isolator', name: 'mute', create: () => ({}) });
  const skipped: string[] = [];
  const cases: (() => Promise<void>)[] = [];
  conform((_name, run) => {
    expect(run.length).toBe(0);
    cases.push(() => run({ skip: (reason: string) => skipped.push(reason) }));
  }, module);
  for (const run of cases) await run();
  expect(new Set(skipped)).toEqual(
    new Set([
      'it does not watch',
      'it is not asked about nested containers',
      'it is not asked about standalone containers',
    ]),
  );
});

const hooks: readonly (readonly [string, () => Hook, string])[] = [
  [
    'hands that change what it was given',
    () => ({
      agentRunTaskLabelDecorator(task) {
        (task as { name: string }).name = 'mine';
        return undefined;
      },
    }),
    "got TypeError: Cannot assign to read only property 'name'",
  ],
  [
    'null for nothing',
    () => ({ agentExecutorEnvironmentDecorator: () => null as never }),
    'got the answer should be an object, and is null',
  ],
  [
    'trust in labels that are there',
    () => ({ agentTaskStatusDecorator: (_, status) => ({ ...status, labels: status.labels! }) }),
    '',
  ],
  [
    'trust in resources that are there',
    () => ({ agentResourcesDecorator: ({ resources }) => Resources.of(resources!) }),
    'messages with nothing but their required fields are enough: got TypeError',
  ],
];

test.each(hooks)('a hook with %s', async (_name, create, expected) => {
  const found = await failures(broken('Hook', create));
  if (expected === '') expect(found).toEqual([]);
  else expect(found.join('\n')).toContain(expected);
});

/** The built-in allocator, with one method that does otherwise. */
function allocatorBut(overrides: (inner: Allocator) => Partial<Allocator>): Subject {
  const module = defineModule({
    kind: 'Allocator',
    name: 'broken',
    create(context) {
      const inner = new HierarchicalAllocator(context);
      const own = overrides(inner) as Record<string, unknown>;
      return new Proxy(inner, {
        get: (target, key) =>
          own[key as string] ?? (Reflect.get(target, key) as () => void)?.bind?.(target),
      });
    },
  });
  return subjectOf(module) as unknown as Subject;
}

const allocators: readonly (readonly [string, (inner: Allocator) => Partial<Allocator>, string])[] =
  [
    ['no pause', () => ({ pause() {} }), 'a pause stops offers until it ends'],
    [
      'no memory of who declined',
      (inner) => ({
        recoverResources: (framework, agent, resources) =>
          inner.recoverResources(framework, agent, resources, undefined, false),
      }),
      'what was declined is not offered again before its time',
    ],
    [
      'no ear for whitelists',
      () => ({ updateWhitelist() {} }),
      'an agent that is deactivated, not on the whitelist or gone is not offered',
    ],
    [
      'offers of what somebody holds',
      (inner) => ({
        initialize(options, callbacks) {
          inner.initialize(options, {
            ...callbacks,
            offer(framework, resources) {
              callbacks.offer(framework, resources);
              callbacks.offer(framework, resources);
            },
          });
        },
      }),
      'nothing is offered twice while somebody holds it',
    ],
  ];

test.each(allocators)('an allocator with %s', async (_name, overrides, expected) => {
  const found = await failures({ ...allocatorBut(overrides), patienceMs: 300 });
  expect(found.join('\n')).toContain(expected);
});

const others: readonly (readonly [KindName, unknown, string])[] = [
  [
    'HttpAuthenticator',
    { scheme: 'Basic', authenticate: () => ({ principal: { value: 'everybody' } }) },
    'who says nothing is told how to say it, and who talks rubbish is not let in',
  ],
  [
    'HttpAuthenticator',
    { scheme: 'Basic', authenticate: () => ({}) },
    'who says nothing is told how to say it',
  ],
  [
    'Authorizer',
    { authorized: () => true, approver: () => () => false },
    'an approver answers at once, and as authorized does',
  ],
  [
    'Authorizer',
    { authorized: () => true, approver: () => async () => true },
    'an approver answers at once',
  ],
  ['SecretResolver', { resolve: () => new Uint8Array() }, 'what it does not know is refused'],
  [
    'SecretGenerator',
    { generate: () => ({ type: 'VALUE', value: { data: new Uint8Array(1) } }) },
    'different principals get different secrets',
  ],
  [
    'ContainerLogger',
    { prepare: () => ({ stdout: { type: 'pipe' }, stderr: { type: 'pipe' } }) },
    'output of a task goes somewhere',
  ],
  [
    'ResourceEstimator',
    { initialize() {}, oversubscribable: () => Resources.parse('cpus:1').ok && firm },
    'what it lends can be taken back',
  ],
  [
    'QoSController',
    { initialize() {}, corrections: async () => [{ type: 'KILL' }] },
    'what it corrects is named',
  ],
  [
    'MasterDetector',
    { detect: () => new Promise(() => {}) },
    'waiting for another leader ends with its signal',
  ],
  [
    'Authenticator',
    { initialize() {}, authenticate: () => new Promise(() => {}) },
    'who proves nothing is refused, and waited for no longer than allowed',
  ],
  [
    'Authenticatee',
    { authenticate: async () => true },
    'a master that proves nothing is not believed',
  ],
  ['HttpAuthenticatee', { scheme: 'X', authenticate: () => ({ A: 'b\r\nc: d' }) }, 'can be sent'],
  ['DiskProfileAdaptor', { translate: async () => ({}), watch: async () => new Set() }, 'refused'],
  ['MasterContender', { initialize() {}, contend: async () => ({}) }, 'a candidacy lasts'],
  ['AllocatorSorter', { sort: () => ['a stranger'] }, 'gives those that were given'],
  ['AgentOrder', { order: async () => [] }, 'gives those that were given'],
  ['OfferFilter', { refuse: () => true }, 'it lets pass, or says why not'],
  ['QuotaPolicy', { left: () => Number.NaN }, 'what is left is a number'],
  ['Anonymous', { stop: () => new Promise(() => {}) }, 'it ends with the daemon'],
];

const firm = Resources.of([{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }]);

test.each(others)('a broken %s', async (kind, instance, expected) => {
  const found = await failures(broken(kind, () => instance as InstanceOf<typeof kind>));
  expect(found.join('\n')).toContain(expected);
});
