// Modules of every kind in a cluster that lives one short life: each method is called at its moment,
// with what belongs to it, and what it answers has its effect.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson } from '../../harness/cluster.ts';
import { type Framework, subscribe } from '../../harness/framework.ts';
import { sandboxPath, waitForFile } from '../../harness/sandbox.ts';
import { waitFor } from '../../harness/wait.ts';

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;

const log = (daemon: string) => join(cluster.folder, `${daemon}.log`);

function manifest(daemon: string, port: number | undefined, ...names: readonly string[]): string {
  const modules = names.map((name) => ({
    name: `Witness${name}`,
    parameters: [
      { key: 'log', value: log(daemon) },
      ...(port !== undefined && name === 'Detector' ? [{ key: 'port', value: `${port}` }] : []),
    ],
  }));
  const libraries = { file: join(import.meta.dirname, 'witness.ts'), modules };
  return `--modules=${JSON.stringify({ libraries })}`;
}

/** The calls seen so far whose line begins so. */
function calls(daemon: string, beginning: string): readonly string[] {
  if (!existsSync(log(daemon))) return [];
  const lines = readFileSync(log(daemon), 'utf8').trim().split('\n');
  return lines.filter((line) => line === beginning || line.startsWith(`${beginning} `));
}

const called = (daemon: string, beginning: string) =>
  waitFor(`${daemon}: ${beginning}`, () => calls(daemon, beginning).length > 0);

beforeAll(async () => {
  cluster = createCluster();
  const credential = join(cluster.folder, 'credential');
  writeFileSync(credential, '{"principal": "ada", "secret": "s"}', { mode: 0o600 });
  const masterKinds = ['Contender', 'Detector', 'Anonymous', 'Authenticator', 'Http', 'Authorizer'];
  master = await cluster.startMaster(
    ...['--registry=in_memory', '--allocation_interval=100ms', '--authenticate_agents'],
    manifest('master', undefined, ...masterKinds, 'Hook'),
    ...['--master_contender=WitnessContender', '--master_detector=WitnessDetector'],
    ...['--authenticators=WitnessAuthenticator', '--authorizers=WitnessAuthorizer'],
    ...['--http_authenticators=WitnessHttp', '--authenticate_http_readwrite'],
    '--hooks=WitnessHook',
  );
  const agentKinds = [
    'Detector',
    'Anonymous',
    'Authenticatee',
    'Logger',
    'Estimator',
    'Controller',
  ];
  agent = await cluster.startAgent(
    { master },
    manifest('agent', master.port, ...agentKinds, 'Resolver', 'Adaptor', 'Hook'),
    ...['--master_detector=WitnessDetector', '--authenticatee=WitnessAuthenticatee'],
    ...[`--credential=${credential}`, '--container_logger=WitnessLogger'],
    ...['--resource_estimator=WitnessEstimator', '--qos_controller=WitnessController'],
    ...['--oversubscribed_resources_interval=50ms', '--secret_resolver=WitnessResolver'],
    ...['--disk_profile_adaptor=WitnessAdaptor', '--hooks=WitnessHook'],
  );
  framework = await subscribe(master.port);
});
afterAll(() => cluster.stop());

describe('at the start', () => {
  test('§5.Anonymous §5.MasterContender.initialize §5.MasterContender.contend §5.MasterDetector.detect §4.MasterContender of a master', async () => {
    expect(calls('master', 'Anonymous.create')).toHaveLength(1);
    expect(calls('master', 'MasterContender.initialize')).toEqual([
      'MasterContender.initialize localhost',
    ]);
    expect(calls('master', 'MasterContender.contend')).toHaveLength(1);
    // With its last result, once there was one.
    await called('master', 'MasterDetector.detect localhost');
    expect(calls('master', 'MasterDetector.detect')[0]).toBe('MasterDetector.detect -');
  });

  test('§2.5 the order of a master: anonymous ones, election, authenticator', () => {
    const lines = readFileSync(log('master'), 'utf8').split('\n');
    const first = (beginning: string) => lines.findIndex((line) => line.startsWith(beginning));
    const moments = ['Anonymous.create', 'Authenticator.initialize', 'MasterContender.contend'];
    const order = moments.map(first);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  test('§2.6 the order of an agent: anonymous ones, logger, hooks of resources, detector, estimator', async () => {
    await called('agent', 'ResourceEstimator.oversubscribable');
    const lines = readFileSync(log('agent'), 'utf8').split('\n');
    const first = (beginning: string) => lines.findIndex((line) => line.startsWith(beginning));
    const order = [
      'Anonymous.create',
      'ContainerLogger.initialize',
      'agentResourcesDecorator',
      'MasterDetector.detect',
      'ResourceEstimator.oversubscribable',
    ].map(first);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(first('DiskProfileAdaptor.create')).toBeGreaterThan(-1);
  });

  test('§5.Authenticator.initialize §5.Authenticator.authenticate §5.Authenticatee.authenticate §4.Authenticator', async () => {
    expect(calls('master', 'Authenticator.initialize')).toEqual(['Authenticator.initialize -']);
    expect(calls('master', 'Authenticator.authenticate')[0]).toBe(
      'Authenticator.authenticate authenticatee(1)',
    );
    expect(calls('agent', 'Authenticatee.authenticate')[0]).toBe(
      'Authenticatee.authenticate master ada',
    );
    await agent.says('authenticated with the master');
  });

  test('§5.MasterDetector.detect of an agent', () => {
    expect(calls('agent', 'MasterDetector.detect').slice(0, 2)).toEqual([
      'MasterDetector.detect -',
      'MasterDetector.detect localhost',
    ]);
  });

  test('§6.10 resources, then §6.11 attributes, which see them', async () => {
    const state = (await getJson(agent.port, '/state')) as {
      resources: Record<string, unknown>;
      attributes: object;
    };
    expect([state.resources.witnesses, state.attributes]).toEqual([3, { seen: 'yes' }]);
    expect(calls('agent', 'agentAttributesDecorator')).toEqual(['agentAttributesDecorator true']);
  });

  test('§5.ResourceEstimator.initialize §5.ResourceEstimator.oversubscribable §5.QoSController.initialize §5.QoSController.corrections', async () => {
    const again = () => calls('agent', 'ResourceEstimator.oversubscribable').length > 2;
    await waitFor('the estimator to be asked again', again);
    expect(calls('agent', 'ResourceEstimator.initialize')).toEqual([
      'ResourceEstimator.initialize function',
    ]);
    expect(calls('agent', 'QoSController.initialize')).toEqual([
      'QoSController.initialize function',
    ]);
    expect(calls('agent', 'QoSController.corrections')).toHaveLength(1);
  });
});

describe('of a task', () => {
  test('§6.1 its resources are replaced before they are validated', async () => {
    await framework.accept(await framework.offer(), [
      { id: 'too-big', command: 'sleep 1000', cpus: 1000 },
    ]);
    await framework.status('too-big', 'TASK_RUNNING');
    expect(calls('master', 'masterLaunchTaskResourceDecorator')[0]).toBe(
      'masterLaunchTaskResourceDecorator too-big 4',
    );
    expect((await taskOf(master, 'too-big'))?.resources?.cpus).toBe(0.1);
  });

  test('§6.2 the master labels what it sends, and not its books; §6.4 the agent labels what it runs', async () => {
    expect(calls('master', 'masterLaunchTaskLabelDecorator')[0]).toBe(
      'masterLaunchTaskLabelDecorator too-big test localhost',
    );
    expect(calls('agent', 'agentRunTaskLabelDecorator')[0]).toBe(
      'agentRunTaskLabelDecorator too-big test localhost master',
    );
    expect((await taskOf(master, 'too-big'))?.labels).toBeUndefined();
    expect((await taskOf(agent, 'too-big'))?.labels).toEqual([
      { key: 'master' },
      { key: 'agent', value: 'too-big' },
    ]);
  });

  test('§5.ContainerLogger.initialize §6.5 its executor’s environment is decorated; §5.ContainerLogger.prepare its output is placed', async () => {
    const variables = [{ name: 'OWN', value: 'mine' }];
    const command = { value: 'echo "$OWN $WITNESS"', environment: { variables } };
    await framework.launch({ id: 'plain', more: { command } });
    await framework.status('plain', 'TASK_FINISHED');
    const path = sandboxPath(framework.id, 'plain', 'witnessed');
    await waitForFile(agent.port, path, 'mine was here\n');
    expect(calls('agent', 'agentExecutorEnvironmentDecorator plain')).toHaveLength(1);
    expect(calls('agent', 'ContainerLogger.prepare')[0]).toBe('ContainerLogger.prepare root');
    expect(calls('agent', 'ContainerLogger.initialize')).toHaveLength(1);
  });

  test('§6.7 what was fetched is told', () => {
    expect(calls('agent', 'agentPostFetch')).toContain('agentPostFetch plain');
  });

  test('§6.8 its updates are decorated: labels, and nothing that would change them', async () => {
    const status = (await framework.status('plain', 'TASK_FINISHED')) as { labels?: object };
    expect(status.labels).toEqual({ labels: [{ key: 'status' }] });
    expect(framework.states('plain')).not.toContain('TASK_LOST');
    expect(calls('agent', 'agentTaskStatusDecorator TASK_FINISHED')).not.toHaveLength(0);
  });

  test('§6.9 that its executor is gone is told', async () => {
    await called('agent', 'agentRemoveExecutor test plain');
  });

  test('§5.SecretResolver.resolve its secrets are resolved, or its launch fails', async () => {
    const secret = (name: string) => ({
      command: {
        value: 'test "$S" = "the key"',
        environment: {
          variables: [
            { name: 'S', type: 'SECRET', secret: { type: 'REFERENCE', reference: { name } } },
          ],
        },
      },
    });
    await framework.launch(
      { id: 'secret', more: secret('key') },
      { id: 'no', more: secret('lost') },
    );
    await framework.status('secret', 'TASK_FINISHED');
    const { message } = await framework.status('no', 'TASK_FAILED');
    expect(message).toContain('no such secret');
    expect(calls('agent', 'SecretResolver.resolve')).toEqual(
      expect.arrayContaining([
        'SecretResolver.resolve REFERENCE key',
        'SecretResolver.resolve REFERENCE lost',
      ]),
    );
  });
});

describe('of a request', () => {
  async function teardown(authorization?: string) {
    const answer = await request(`http://127.0.0.1:${master.port}/teardown`, {
      method: 'POST',
      headers: authorization === undefined ? {} : { authorization },
      body: `frameworkId=${framework.id}`,
    });
    const challenge = answer.headers['www-authenticate'];
    return [answer.statusCode, challenge, await answer.body.text()];
  }

  test('§5.HttpAuthenticator.authenticate one of three answers; a failure is a 500 with its text', async () => {
    expect([
      await teardown(),
      await teardown('Witness bad'),
      await teardown('Witness fail'),
    ]).toEqual([
      [401, 'Witness', 'who?'],
      [403, undefined, 'not you'],
      [500, undefined, expect.stringContaining('out of ink')],
    ]);
    expect(calls('master', 'HttpAuthenticator.authenticate POST /teardown')).toHaveLength(3);
  });

  test('§5.Authorizer.authorized single decisions §5.Authorizer.approver what lasts', async () => {
    expect((await teardown('Witness nobody'))[0]).toBe(403);
    expect(calls('master', 'Authorizer.authorized nobody TEARDOWN_FRAMEWORK')).toHaveLength(1);
    await getJson(master.port, '/state');
    expect(calls('master', 'Authorizer.approver - VIEW_FRAMEWORK')).not.toHaveLength(0);
    expect((await teardown('Witness ada'))[0]).toBe(200);
  });
});

describe('at the end', () => {
  test('§6.3 that an agent is lost is told, after the frameworks were; the anonymous ones stop', async () => {
    agent.process.kill('SIGUSR1');
    await called('master', 'masterAgentLost localhost');
    await agent.exited;
    expect(calls('agent', 'Anonymous.stop')).toHaveLength(1);
    master.process.kill('SIGTERM');
    await master.exited;
    expect(calls('master', 'Anonymous.stop')).toHaveLength(1);
    expect(calls('master', 'MasterContender.withdraw')).toHaveLength(1);
  });
});

interface TaskView {
  readonly id: string;
  readonly labels?: readonly object[];
  readonly resources?: { readonly cpus?: number };
}

/** As the daemon's `/state` shows it. */
async function taskOf(daemon: Daemon, id: string): Promise<TaskView | undefined> {
  const { frameworks } = (await getJson(daemon.port, '/state')) as {
    frameworks: readonly {
      readonly tasks?: readonly TaskView[];
      readonly executors?: readonly { readonly tasks?: readonly TaskView[] }[];
    }[];
  };
  const tasks = frameworks.flatMap(({ tasks = [], executors = [] }) => [
    ...tasks,
    ...executors.flatMap((executor) => executor.tasks ?? []),
  ]);
  return tasks.find((task) => task.id === id);
}
