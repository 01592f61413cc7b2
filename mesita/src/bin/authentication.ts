// Who may reach a daemon over HTTP: the authenticators that its flags name, realm by realm.
import type { HttpAuthenticator } from '@mesita/sdk/module';
import type { Credential } from '@mesita/sdk/types';
import type { AgentFlags } from '../agent/flags.ts';
import type { MasterFlags } from '../master/flags.ts';
import { createBuiltin } from '../modules/catalog.ts';
import type { Authenticate } from '../net/gate.ts';
import { createHttpAuthentication } from '../net/http-authentication.ts';
import { failure } from '../net/responses.ts';
import { stringify } from '../wire/json.ts';
import * as mesos from '../wire/schema/mesos.ts';
import type { DaemonModules } from './modules.ts';

interface Secrets {
  readonly credentials: readonly Credential[] | undefined;
  /** Of the tokens of executors. */
  readonly key?: string | undefined;
}

/** Whether a realm is authenticated, and by the names of which flag. */
type RealmFlags = readonly (readonly [realm: string, isOn: boolean, names: string | undefined])[];

export async function createMasterAuthentication(
  flags: MasterFlags,
  secrets: Secrets,
  modules: DaemonModules,
): Promise<Authenticate> {
  const { httpAuthenticators: names, httpFrameworkAuthenticators } = flags;
  const authenticate = await createRealms(modules, secrets, [
    ['mesos-master-readonly', flags.authenticateHttpReadonly, names],
    ['mesos-master-readwrite', flags.authenticateHttpReadwrite, names],
    ['mesos-master-scheduler', flags.authenticateHttpFrameworks, httpFrameworkAuthenticators],
  ]);
  return demandValue(authenticate);
}

export function createAgentAuthentication(
  flags: AgentFlags,
  secrets: Secrets,
  modules: DaemonModules,
): Promise<Authenticate> {
  const { authenticateHttpExecutors } = flags;
  const byDefault = authenticateHttpExecutors ? 'basic,jwt' : 'basic';
  const names = flags.httpAuthenticators ?? byDefault;
  return createRealms(modules, secrets, [
    ['mesos-agent-executor', authenticateHttpExecutors, names],
    ['mesos-agent-readonly', flags.authenticateHttpReadonly, names],
    ['mesos-agent-readwrite', flags.authenticateHttpReadwrite, names],
  ]);
}

async function createRealms(
  modules: DaemonModules,
  secrets: Secrets,
  realms: RealmFlags,
): Promise<Authenticate> {
  const authenticators = new Map<string, readonly HttpAuthenticator[]>();
  for (const [realm, isOn, names] of realms) {
    if (!isOn || names === undefined) continue;
    if (names === '') throw new Error(`No HTTP authenticators specified for realm '${realm}'`);
    const made: HttpAuthenticator[] = [];
    for (const name of names.split(',')) made.push(await create(name, realm, secrets, modules));
    authenticators.set(realm, made);
  }
  return createHttpAuthentication(authenticators);
}

async function create(
  name: string,
  realm: string,
  { credentials, key }: Secrets,
  { manager, contextOf }: DaemonModules,
): Promise<HttpAuthenticator> {
  const builtin = (parameters: Readonly<Record<string, string>>) =>
    createBuiltin('HttpAuthenticator', name, contextOf, {
      authentication_realm: realm,
      ...parameters,
    });
  const missing = (what: string) =>
    new Error(
      `No ${what} provided for the default '${name}' HTTP authenticator for realm '${realm}'`,
    );
  try {
    if (name === 'basic') {
      if (!credentials) throw missing('credentials');
      return await builtin({ credentials: stringify(mesos.Credentials, { credentials }) });
    }
    if (name === 'jwt') {
      if (key === undefined) throw missing('secret key');
      return await builtin({ secret_key: key });
    }
    if (manager.contains('HttpAuthenticator', name)) {
      return await manager.create('HttpAuthenticator', name);
    }
    throw new Error(
      `HTTP authenticator '${name}' not found. Check the spelling (compare to 'basic') or ` +
        'verify that the authenticator was loaded successfully (see --modules)',
    );
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`Failed to create HTTP authenticator module '${name}': ${message}`);
  }
}

/** A master has no use for clients that are claims and no name. */
function demandValue(authenticate: Authenticate): Authenticate {
  return async (realm, request) => {
    const outcome = await authenticate(realm, request);
    if ('refusal' in outcome || outcome.claims === undefined || outcome.principal !== undefined) {
      return outcome;
    }
    const reason =
      "The request's authenticated principal contains claims, but no value string. The master currently requires that principals have a value";
    return { refusal: failure(403, reason) };
  };
}
