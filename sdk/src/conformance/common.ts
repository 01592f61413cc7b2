import { calls } from '../module/calls/index.ts';
import type { KindName } from '../module/index.ts';
import type { Case, Suite } from './suite.ts';

/** A kind's suite: what holds for every kind, then what holds for this one. */
export function suite<K extends KindName>(
  kind: K,
  required: readonly string[],
  cases: readonly Case<K>[],
): Suite<K> {
  return { kind, required, cases: [...commonCases(kind, required), ...cases] };
}

function commonCases<K extends KindName>(kind: K, required: readonly string[]): Case<K>[] {
  return [
    {
      name: 'create makes an instance with the methods of its kind',
      async run(scene) {
        scene.given('a daemon that starts');
        scene.when('create is called');
        const instance: unknown = await scene.create();
        const isInstance = typeof instance === 'object' && instance !== null;
        scene.expect('an instance', isInstance, instance);
        const members = instance as unknown as Readonly<Record<string, unknown>>;
        for (const name of required) {
          scene.expect(`a method ${name}`, typeof members[name] === 'function', members[name]);
        }
        const strays = findMisspelt(kind, members);
        scene.expect('no method that is never called', strays.length === 0, strays);
      },
    },
    {
      name: 'two instances live side by side',
      async run(scene) {
        scene.given('one instance');
        scene.when('another is made in the same daemon');
        await scene.create();
        await scene.create();
      },
    },
  ];
}

/** A method whose name is nearly one of the kind's would just never be called. */
function findMisspelt(kind: KindName, members: object): string[] {
  const known = Object.keys(calls[kind].methods);
  const names = new Set<string>();
  for (let each = members; each && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  return [...names].flatMap((name) => {
    const meant = known.find((one) => one !== name && normal(one) === normal(name));
    return meant === undefined ? [] : [`${name}: is ${meant} meant?`];
  });
}

/** Mesos' names of hooks begin with `slave`, and some end in `Hook`. */
function normal(name: string): string {
  return name.toLowerCase().replaceAll('_', '').replace('slave', 'agent').replace(/hook$/, '');
}
