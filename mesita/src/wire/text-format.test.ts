import { expect, test } from 'vitest';
import { ACLs } from './schema/acls.ts';
import * as mesos from './schema/mesos.ts';
import * as quota from './schema/quota.ts';
import { toTextFormat } from './text-format.ts';

test('a flag that is a message', () => {
  const acls = {
    permissive: true,
    registerFrameworks: [{ principals: { type: 'ANY' }, roles: { values: ['a', 'b"\n'] } }],
  } as const;
  expect(toTextFormat(ACLs, acls)).toMatchInlineSnapshot(`
    "permissive: true
    register_frameworks {
      principals {
        type: ANY
      }
      roles {
        values: "a"
        values: "b\\"\\n"
      }
    }
    "
  `);
  expect(toTextFormat(ACLs, {})).toBe('');
});

test('maps are shown as their entries', () => {
  expect(toTextFormat(quota.QuotaConfig, { role: 'é', limits: { cpus: { value: 1.5 } } })).toBe(
    'role: "\\303\\251"\nlimits {\n  key: "cpus"\n  value {\n    value: 1.5\n  }\n}\n',
  );
});

test.each([
  [1, '1'],
  [0.1, '0.1'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1795331973.7994161, '1795331973.7994161'],
  [1e14, '100000000000000'],
  [1e15, '1e+15'],
  [1.5e-7, '1.5e-07'],
  [1e300, '1e+300'],
  [0.0001, '0.0001'],
  [-0, '-0'],
  [Number.POSITIVE_INFINITY, 'inf'],
])('the double %d is %s', (value, text) => {
  expect(toTextFormat(mesos.Value_Scalar, { value })).toBe(`value: ${text}\n`);
});
