// The modules that Mesita ships pass what is asked of everyone's.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conform } from '@mesita/sdk/conformance';
import { defineModule } from '@mesita/sdk/module';
import { afterAll, test } from 'vitest';
import { HierarchicalAllocator } from '../../../src/allocator/hierarchical-allocator.ts';
import { cramMd5Authenticatee } from '../../../src/builtin/authenticatee/cram-md5.ts';
import { cramMd5Authenticator } from '../../../src/builtin/authenticator/cram-md5.ts';
import { local } from '../../../src/builtin/authorizer/local.ts';
import { digestOf } from '../../../src/builtin/cram-md5.ts';
import { uriDiskProfileAdaptor } from '../../../src/builtin/disk-profile-adaptor/uri.ts';
import { basicAuthenticatee } from '../../../src/builtin/http-authenticatee/basic.ts';
import { basic } from '../../../src/builtin/http-authenticator/basic.ts';
import { jwt } from '../../../src/builtin/http-authenticator/jwt.ts';
import { signToken } from '../../../src/builtin/json-web-token.ts';
import { loadQoSController } from '../../../src/builtin/qos-controller/load.ts';
import { fixedResourceEstimator } from '../../../src/builtin/resource-estimator/fixed.ts';
import { jwtGenerator } from '../../../src/builtin/secret-generator/jwt.ts';
import { builtinIsolators } from '../../../src/isolators/builtin.ts';
import { createSecretResolver } from '../../../src/modules/secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'mesita-conformance-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Those that leave the kernel alone; the others are held to it as root, in system tests. */
const harmless = /^(filesystem\/posix|posix\/.*|disk\/du|environment_secret)$/;
// A union of modules, each with parameters of its own.
for (const isolator of builtinIsolators) {
  if (harmless.test(isolator.name)) conform(test, isolator as never, { directory });
}

conform(
  test,
  defineModule({
    kind: 'Allocator',
    name: 'HierarchicalDRF',
    create: (context) => new HierarchicalAllocator(context),
  }),
);

conform(
  test,
  defineModule({
    kind: 'SecretResolver',
    name: 'values only',
    create: () => createSecretResolver(undefined, { create: () => Promise.reject() }),
  }),
  {
    samples: {
      secret: { type: 'VALUE', value: { data: new Uint8Array([1, 2, 3]) } },
      value: new Uint8Array([1, 2, 3]),
    },
  },
);

conform(test, fixedResourceEstimator, { parameters: { resources: 'cpus:8;mem:4096' } });
conform(test, loadQoSController, {
  parameters: { load_threshold_5min: '0.001' },
  patienceMs: 300,
});

const bearer = (key: string) => ({
  headers: { authorization: `Bearer ${signToken({ cid: 'c1' }, key)}` },
});
const nameAndPassword = (pair: string) => ({
  headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
});

conform(test, basic, {
  parameters: {
    authentication_realm: 'mesos-master-readonly',
    credentials: '{"credentials":[{"principal":"ada","secret":"lovelace"}]}',
  },
  samples: {
    admitted: nameAndPassword('ada:lovelace'),
    principal: { value: 'ada' },
    rejected: nameAndPassword('ada:guess'),
  },
});
conform(test, jwt, {
  parameters: { authentication_realm: 'mesos-agent-executor', secret_key: 'key' },
  samples: { admitted: bearer('key'), rejected: bearer('another') },
});
conform(test, jwtGenerator, { parameters: { secret_key: 'key' } });
conform(test, basicAuthenticatee);
conform(test, local, {
  parameters: {
    acls: '{"permissive":false,"run_tasks":[{"principals":{"values":["ada"]},"users":{"type":"ANY"}}]}',
  },
  samples: {
    questions: [
      { subject: { value: 'ada' }, action: 'RUN_TASK', object: { value: 'root' }, answer: true },
      { subject: { value: 'bob' }, action: 'RUN_TASK', object: { value: 'root' }, answer: false },
    ],
  },
});

const profiles = join(directory, 'profiles.json');
writeFileSync(
  profiles,
  JSON.stringify({
    profile_matrix: {
      fast: {
        csi_plugin_type_selector: { plugin_type: 'org.apache.mesos.rp.local.storage' },
        volume_capabilities: { mount: {}, access_mode: { mode: 'SINGLE_NODE_WRITER' } },
      },
    },
  }),
);
conform(test, uriDiskProfileAdaptor, { parameters: { uri: `file://${profiles}` } });

const credential = { principal: 'an agent', secret: 'a secret' };

conform(test, cramMd5Authenticator, {
  samples: {
    credentials: [credential],
    principal: 'an agent',
    async peer({ send, messages }) {
      send(new Uint8Array());
      for await (const challenge of messages) {
        return send(Buffer.from(`an agent ${digestOf('a secret', challenge)}`));
      }
    },
  },
});
conform(test, cramMd5Authenticatee, {
  samples: {
    credential,
    async peer({ send, messages }) {
      const heard = messages[Symbol.asyncIterator]();
      await heard.next();
      send(Buffer.from('<a challenge>'));
      await heard.next();
      send(new Uint8Array());
    },
  },
});
