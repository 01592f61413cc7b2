import { defineModule } from '@mesita/sdk/module';
import { expect, test } from 'vitest';
import { verifyModule } from './verify.ts';

function check(mesita: string, minimum: string, module: string, withCompatible: boolean): string {
  const made = defineModule({
    kind: 'Hook',
    name: 'H',
    mesitaVersion: module,
    ...(withCompatible && { compatible: () => true }),
    create: () => ({}),
  });
  const result = verifyModule('H', made, [], { version: mesita, kindMinimums: { Hook: minimum } });
  return result.ok ? 'yes' : result.error.replace("Error verifying module 'H': ", '');
}

test.each([
  ['0.18.0', '0.18.0', '0.18.0', 'yes'],
  ['1.0.0', '0.18.0', '0.18.0', 'yes'],
  ['1.0.0', '0.18.0', '0.21.0', 'yes'],
  [
    '0.18.0',
    '0.18.0',
    '1.0.0',
    'Mesos has version 0.18.0, but module is compiled with version 1.0.0',
  ],
  [
    '1.0.0',
    '0.21.0',
    '0.18.0',
    "Minimum supported mesos version for 'Hook' is 0.21.0, but module is compiled with version 0.18.0",
  ],
  [
    '1.0.0',
    '1.0.0',
    '0.18.0',
    "Minimum supported mesos version for 'Hook' is 1.0.0, but module is compiled with version 0.18.0",
  ],
])(
  '§3.v §3.9 §3.11 Mesita %s, kind since %s, compatible module of %s: %s',
  (mesita, minimum, module, answer) => {
    expect(check(mesita, minimum, module, true)).toBe(answer);
  },
);

test('§3.10 without compatible() only the same version fits', () => {
  expect([
    check('1.0.0', '0.1.0', '1.0.0', false),
    check('1.0.0', '0.1.0', '0.9.0', false),
  ]).toEqual(['yes', 'Mesos has version 1.0.0, but module is compiled with version 0.9.0']);
});

test('a module that names no version is held to the API version alone', () => {
  const made = defineModule({ kind: 'Hook', name: 'H', create: () => ({}) });
  const host = { version: '9.0.0', kindMinimums: { Hook: '8.0.0' } };
  expect(verifyModule('H', made, [], host).ok).toBe(true);
});
