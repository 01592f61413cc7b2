import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { checkCompatible, type ReconfigurationPolicy } from './compatibility.ts';

const info: AgentInfo = {
  id: { value: 'S0' },
  hostname: 'here',
  port: 5051,
  resources: unwrap(Resources.parse('cpus:4;ports:[31000-32000]')).toMessages(),
  attributes: [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }],
};

function check(policy: ReconfigurationPolicy, change: Partial<AgentInfo>): string {
  const checked = checkCompatible(policy, info, { ...info, ...change });
  return checked.ok ? 'ok' : checked.error;
}

const resources = (text: string) => ({ resources: unwrap(Resources.parse(text)).toMessages() });
const rack = (value: string) => [{ name: 'rack', type: 'TEXT' as const, text: { value } }];

test('equal means equal', () => {
  expect(check('equal', resources('ports:[31000-32000];cpus:4'))).toBe('ok');
  expect(check('equal', resources('cpus:5;ports:[31000-32000]'))).toContain(
    'Incompatible agent info detected',
  );
});

test('additive lets an agent grow and tells what shrank', () => {
  expect([
    check('additive', resources('cpus:5;mem:1;ports:[30000-33000]')),
    check('additive', { attributes: [...rack('r1'), ...rack('r2')] }),
    check('additive', resources('cpus:3;ports:[31000-32000]')),
    check('additive', resources('cpus:4;ports:[31000-31999]')),
    check('additive', resources('ports:[31000-32000]')),
    check('additive', { attributes: rack('r2') }),
    check('additive', { attributes: [] }),
    check('additive', { hostname: 'there' }),
    check('additive', { port: 1 }),
  ]).toMatchInlineSnapshot(`
    [
      "ok",
      "ok",
      "Configuration change not permitted under 'additive' policy: Value of scalar resource 'cpus' decreased from 4 to 3",
      "Configuration change not permitted under 'additive' policy: Previous value of range resource 'ports' ([31000-32000]) not included in current [31000-31999]",
      "Configuration change not permitted under 'additive' policy. Resource not found: cpus:4",
      "Configuration change not permitted under 'additive' policy: Value of text attribute 'rack' changed from r1 to r2",
      "Configuration change not permitted under 'additive' policy: Couldn't find attribute name: "rack"
    type: TEXT
    text {
      value: "r1"
    }
    ",
      "Configuration change not permitted under \`additive\` policy: Hostname changed from here to there",
      "Configuration change not permitted under \`additive\` policy: Port changed from 5051 to 1",
    ]
  `);
});
