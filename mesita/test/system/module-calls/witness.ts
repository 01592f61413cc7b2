// One module of each kind that says when it was called, and with what. Loaded by the daemons.
import { appendFileSync } from 'node:fs';
import { defineModule, param } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { MasterInfo } from '@mesita/sdk/types';

const parameters = { log: param.path({ required: true, help: 'Where calls are written.' }) };

/** One line a call: `Kind.method`, then what is worth knowing. */
type Witness = (call: string, ...details: readonly unknown[]) => void;
const witness =
  (log: string): Witness =>
  (call, ...details) =>
    appendFileSync(log, `${[call, ...details].join(' ')}\n`);

/** Waits for what never comes. */
const until = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

let leader: MasterInfo | undefined;

const contender = defineModule({
  kind: 'MasterContender',
  name: 'WitnessContender',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    let self: MasterInfo;
    return {
      initialize(info) {
        say('MasterContender.initialize', info.hostname);
        self = info;
      },
      async contend() {
        say('MasterContender.contend');
        leader = self;
        return { lost: new Promise<void>(() => {}) };
      },
      async withdraw() {
        say('MasterContender.withdraw');
      },
    };
  },
});

const detector = defineModule({
  kind: 'MasterDetector',
  name: 'WitnessDetector',
  parameters: { ...parameters, port: param.int({ help: 'Of the master, for agents.' }) },
  create({ clock }, { log, port }) {
    const say = witness(log);
    const known = (): MasterInfo | undefined =>
      port === undefined
        ? leader
        : { id: 'm', ip: 0, port, pid: `master@127.0.0.1:${port}`, hostname: 'localhost' };
    return {
      async detect(previous, signal) {
        say('MasterDetector.detect', previous?.hostname ?? '-');
        if (previous) return until(signal);
        while (!known()) await new Promise<void>((wake) => void clock.setTimer(5, wake));
        return known();
      },
    };
  },
});

const anonymous = defineModule({
  kind: 'Anonymous',
  name: 'WitnessAnonymous',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    say('Anonymous.create');
    return { stop: () => say('Anonymous.stop') };
  },
});

const authenticator = defineModule({
  kind: 'Authenticator',
  name: 'WitnessAuthenticator',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    return {
      mechanism: 'WITNESS',
      initialize: (credentials) => say('Authenticator.initialize', credentials?.length ?? '-'),
      async authenticate(peer, channel) {
        say('Authenticator.authenticate', peer.replace(/@.*/, ''));
        for await (const message of channel.messages) return Buffer.from(message).toString();
        return undefined;
      },
    };
  },
});

const authenticatee = defineModule({
  kind: 'Authenticatee',
  name: 'WitnessAuthenticatee',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    return {
      mechanism: 'WITNESS',
      async authenticate(master, _self, { principal }, channel) {
        say('Authenticatee.authenticate', master.replace(/@.*/, ''), principal);
        channel.send(Buffer.from(principal));
        for await (const message of channel.messages) return message.length === 0;
        throw new Error('no end came');
      },
    };
  },
});

const httpAuthenticator = defineModule({
  kind: 'HttpAuthenticator',
  name: 'WitnessHttp',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    return {
      scheme: 'Witness',
      authenticate({ method, path, headers }) {
        say('HttpAuthenticator.authenticate', method, path);
        const value = headers.authorization?.replace('Witness ', '');
        if (value === 'fail') throw new Error('out of ink');
        if (value === 'bad') return { forbidden: { body: 'not you' } };
        return value === undefined
          ? { unauthorized: { challenges: ['Witness'], body: 'who?' } }
          : { principal: { value } };
      },
    };
  },
});

const authorizer = defineModule({
  kind: 'Authorizer',
  name: 'WitnessAuthorizer',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    return {
      async authorized(subject, action, object) {
        say('Authorizer.authorized', subject?.value ?? '-', action, object?.value ?? '');
        return subject?.value !== 'nobody';
      },
      async approver(subject, action) {
        say('Authorizer.approver', subject?.value ?? '-', action);
        return () => true;
      },
    };
  },
});

const logger = defineModule({
  kind: 'ContainerLogger',
  name: 'WitnessLogger',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    return {
      initialize: () => say('ContainerLogger.initialize'),
      prepare({ parent }, { directory = '' }) {
        say('ContainerLogger.prepare', parent ? 'nested' : 'root');
        const file = (name: string) => ({ type: 'path', path: `${directory}/${name}` }) as const;
        return { stdout: file('witnessed'), stderr: file('stderr') };
      },
    };
  },
});

const estimator = defineModule({
  kind: 'ResourceEstimator',
  name: 'WitnessEstimator',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    return {
      async initialize(usage) {
        say('ResourceEstimator.initialize', typeof usage);
      },
      oversubscribable() {
        say('ResourceEstimator.oversubscribable');
        return Resources.of([]);
      },
    };
  },
});

const controller = defineModule({
  kind: 'QoSController',
  name: 'WitnessController',
  parameters,
  create({ signal }, { log }) {
    const say = witness(log);
    return {
      async initialize(usage) {
        say('QoSController.initialize', typeof usage);
      },
      corrections() {
        say('QoSController.corrections');
        return until(signal);
      },
    };
  },
});

const resolver = defineModule({
  kind: 'SecretResolver',
  name: 'WitnessResolver',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    return {
      async resolve({ type, reference }) {
        say('SecretResolver.resolve', type, reference?.name);
        if (reference?.name === 'lost') throw new Error('no such secret');
        return Buffer.from(`the ${reference?.name}`);
      },
    };
  },
});

const adaptor = defineModule({
  kind: 'DiskProfileAdaptor',
  name: 'WitnessAdaptor',
  parameters,
  create(_context, { log }) {
    witness(log)('DiskProfileAdaptor.create');
    return {
      translate: () => Promise.reject(new Error('no profiles')),
      watch: (_known, _provider, signal) => until(signal),
    };
  },
});

const hook = defineModule({
  kind: 'Hook',
  name: 'WitnessHook',
  parameters,
  create(_context, { log }) {
    const say = witness(log);
    const keys = (labels: readonly { readonly key: string }[] = []) =>
      labels.map(({ key }) => key).join('+') || '-';
    return {
      masterLaunchTaskResourceDecorator(task, agentTotal) {
        say('masterLaunchTaskResourceDecorator', task.name, agentTotal.scalar('cpus'));
        if (task.name !== 'too-big') return undefined;
        const fitting = task.resources?.map((one) =>
          one.name === 'cpus' ? { ...one, scalar: { value: 0.1 } } : one,
        );
        return Resources.of(fitting ?? []);
      },
      masterLaunchTaskLabelDecorator(task, framework, agent) {
        say('masterLaunchTaskLabelDecorator', task.name, framework.name, agent.hostname);
        return { labels: [...(task.labels?.labels ?? []), { key: 'master' }] };
      },
      masterAgentLost: ({ hostname }) => say('masterAgentLost', hostname),
      agentRunTaskLabelDecorator(task, executor, framework, agent) {
        const { labels } = task.labels ?? {};
        say('agentRunTaskLabelDecorator', task.name, framework.name, agent.hostname, keys(labels));
        return { labels: [...(labels ?? []), { key: 'agent', value: executor.executorId.value }] };
      },
      agentExecutorEnvironmentDecorator({ executorId, command }) {
        say('agentExecutorEnvironmentDecorator', executorId.value);
        const own = command?.environment?.variables ?? [];
        return { variables: [...own, { name: 'WITNESS', value: 'was here' }] };
      },
      agentPostFetch: (_container, directory) =>
        say('agentPostFetch', directory.replace(/.*executors\/([^/]*)\/.*/, '$1')),
      agentTaskStatusDecorator(_framework, { state, labels }) {
        say('agentTaskStatusDecorator', state, keys(labels?.labels));
        return {
          taskId: { value: 'ignored' },
          state: 'TASK_LOST',
          labels: { labels: [{ key: 'status' }] },
        };
      },
      agentRemoveExecutor: (framework, { executorId }) =>
        say('agentRemoveExecutor', framework.name, executorId.value),
      agentResourcesDecorator({ resources = [] }) {
        say('agentResourcesDecorator');
        const extra = { name: 'witnesses', type: 'SCALAR', scalar: { value: 3 } } as const;
        return Resources.of([...resources, extra]);
      },
      agentAttributesDecorator({ resources = [], attributes = [] }) {
        say(
          'agentAttributesDecorator',
          resources.some(({ name }) => name === 'witnesses'),
        );
        return [...attributes, { name: 'seen', type: 'TEXT', text: { value: 'yes' } }];
      },
    };
  },
});

export default [
  contender,
  detector,
  anonymous,
  authenticator,
  authenticatee,
  httpAuthenticator,
  authorizer,
  logger,
  estimator,
  controller,
  resolver,
  adaptor,
  hook,
];
