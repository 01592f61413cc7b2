import { deeds } from './deeds.ts';

/** One library with all kinds, for the homes that run the SDK. */
export function faultyModules(folder: string): string {
  return `${deeds(folder)}
import { defineModule } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';

const faulty = (kind, instance) => defineModule({
  kind,
  name: 'Faulty' + kind,
  create: (context) => instance((good) => {
    const bad = misbehave(kind, (i) => context.log.info('flood ' + i));
    return bad ? bad.answer : good;
  }, context),
});

const hook = faulty('Hook', (act) => ({ agentTaskStatusDecorator: () => act(undefined) }));
const isolator = faulty('Isolator', (act) => ({ usage: () => act(Promise.resolve({ timestamp: 0 })) }));
const estimator = faulty('ResourceEstimator', (act) => ({
  initialize() {},
  oversubscribable: () => act(Promise.resolve(Resources.empty)),
}));
const controller = faulty('QoSController', (act) => ({
  initialize() {},
  corrections: async () => { await sleep(100); return act([]); },
}));
const resolver = faulty('SecretResolver', (act) => ({
  resolve: () => act(Promise.resolve(new TextEncoder().encode('s3cret'))),
}));
const logger = faulty('ContainerLogger', (act) => ({
  prepare(_id, { directory }) {
    const to = (name) => ({ type: 'path', path: directory + '/' + name });
    const good = { stdout: to('stdout'), stderr: to('stderr') };
    return directory.includes('logged') ? act(good) : good;
  },
}));
const anonymous = faulty('Anonymous', (act, { routes }) => {
  routes.handle('/deed', () => act({ body: 'well' }));
  return {};
});
const authenticator = faulty('Authenticator', (act) => ({
  mechanism: 'FAULTY',
  initialize() {},
  async authenticate(_peer, channel) {
    for await (const _message of channel.messages) return act('agent');
  },
}));
const authenticatee = faulty('Authenticatee', (act) => ({
  mechanism: 'FAULTY',
  async authenticate(_master, _self, _credential, channel) {
    channel.send(new TextEncoder().encode('it is me'));
    return act(true);
  },
}));
const authorizer = faulty('Authorizer', (act) => ({
  authorized: (_subject, _action, object) =>
    object?.value === '/logging/toggle' ? act(true) : true,
  approver: () => () => true,
}));
const httpAuthenticator = faulty('HttpAuthenticator', (act) => ({
  scheme: 'Faulty',
  authenticate({ path }) {
    const good = { principal: { value: 'operator' } };
    return path.endsWith('/flags') ? act(good) : good;
  },
}));
const detector = faulty('MasterDetector', (act) => ({
  async detect(previous, signal) {
    for (;;) {
      signal.throwIfAborted();
      const leader = readLeader();
      if (leader.id !== previous?.id) return act(leader);
      await sleep(50);
    }
  },
}));
const generator = faulty('SecretGenerator', (act) => ({
  generate: () => act({ type: 'VALUE', value: { data: new TextEncoder().encode('token') } }),
}));
const allocator = faulty('Allocator', (act) => {
  const free = new Map();
  let framework, offer;
  const run = () => {
    if (framework === undefined) return;
    for (const [agent, resources] of free) {
      if (resources.isEmpty) continue;
      free.set(agent, Resources.empty);
      offer(framework, new Map([['*', new Map([[agent, resources.allocate('*')]])]]));
    }
  };
  const nothing = () => {};
  return {
    initialize(_options, callbacks) { offer = callbacks.offer; },
    addFramework(id) { framework = id; run(); },
    addAgent(agent, _info, _capabilities, _unavailability, total, used) {
      let left = total;
      for (const held of used.values()) left = left.subtract(held.unallocate());
      free.set(agent, left);
      run();
    },
    recoverResources(_framework, agent, resources) {
      if (free.has(agent)) free.set(agent, free.get(agent).add(resources.unallocate()));
      run();
    },
    removeAgent: (agent) => void free.delete(agent),
    recover: nothing, removeFramework: nothing, activateFramework: nothing, updateAgent: nothing,
    activateAgent: nothing, deactivateAgent: nothing, updateWhitelist: nothing, updateAllocation: nothing,
    transitionOfferedToAllocated: nothing, suppressOffers: nothing, reviveOffers: nothing,
    explain: () => act(undefined),
  };
});
export {
  allocator, anonymous, authenticatee, authenticator, authorizer, controller, detector, estimator,
  generator, hook, httpAuthenticator, isolator, logger, resolver,
};
`;
}
