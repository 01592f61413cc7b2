import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext } from '@mesita/sdk/module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMetrics } from '../net/metrics.ts';
import { createMasterAuthentication } from './authentication.ts';
import { createDiskProfileAdaptor } from './disk-profile-adaptor.ts';
import { startModules } from './modules.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mesita-authentication-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The text with which a master ends that is to authenticate reads by these authenticators. */
async function refusal(names: string): Promise<string> {
  const { log, clock, signal } = createTestContext().context;
  const none = undefined;
  const modules = await startModules({
    flags: { modules: none, modulesDir: none, modulePath: none, hooks: none },
    gate: { authorized: async () => true },
    ...{ log, signal, manifestFile: none, workDir: root, runtimeDir: root, realm: 'test' },
    metrics: createMetrics(clock),
  });
  const flags = { authenticateHttpReadonly: true, httpAuthenticators: names };
  const secrets = { credentials: undefined };
  return createMasterAuthentication(flags as never, secrets, modules).then(
    () => 'nothing',
    (error: Error) => error.message.replace('Failed to create HTTP authenticator module ', ''),
  );
}

test.each([
  ['§4.1.1 none', '', "No HTTP authenticators specified for realm 'mesos-master-readonly'"],
  [
    '§4.1.2 basic without credentials',
    'basic',
    "'basic': No credentials provided for the default 'basic' HTTP authenticator for realm 'mesos-master-readonly'",
  ],
  [
    '§4.1.3 jwt without a key',
    'jwt',
    "'jwt': No secret key provided for the default 'jwt' HTTP authenticator for realm 'mesos-master-readonly'",
  ],
  [
    '§4.1.4 what nobody loaded',
    'nosuch',
    "'nosuch': HTTP authenticator 'nosuch' not found. Check the spelling (compare to 'basic') or verify that the authenticator was loaded successfully (see --modules)",
  ],
])('%s', async (_title, names, text) => {
  expect(await refusal(names)).toBe(text);
});

test('§4.DiskProfileAdaptor without a module every profile is refused', async () => {
  const create = () => Promise.reject(new Error('nobody is asked'));
  const adaptor = await createDiskProfileAdaptor(undefined, { create });
  await expect(adaptor.translate('fast', {} as never)).rejects.toThrow("Profile 'fast' not found");
});
