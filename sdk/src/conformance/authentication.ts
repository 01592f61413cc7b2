import type { AuthenticationChannel } from '../module/index.ts';
import { createChannelPair } from './channel.ts';
import { suite } from './common.ts';
import type { Scene } from './scene.ts';

/** What a peer may do that is no proof. */
const misdeeds: readonly (readonly [
  name: string,
  act: (peer: AuthenticationChannel & { close(): void }, abort: AbortController) => void,
])[] = [
  [
    'says nothing until the time is over',
    // With the signal the conversation ends too.
    (peer, abort) => {
      abort.abort(new Error('too late'));
      peer.close();
    },
  ],
  ['goes away at once', (peer) => peer.close()],
  [
    'talks rubbish and goes away',
    (peer) => {
      peer.send(new Uint8Array());
      peer.send(new TextEncoder().encode('rubbish'));
      peer.send(new Uint8Array(1 << 16).fill(255));
      peer.close();
    },
  ],
];

/** What comes of an attempt against each misdeed. */
async function refuse(
  scene: Scene<'Authenticator'> | Scene<'Authenticatee'>,
  attempt: (channel: AuthenticationChannel, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  for (const [name, act] of misdeeds) {
    const [own, peer] = createChannelPair();
    const abort = new AbortController();
    scene.when(`the peer ${name}`);
    const result = attempt(own, abort.signal);
    result.catch(() => {});
    act(peer, abort);
    const outcome = await scene.settle(() => result);
    scene.expect('the attempt ends', outcome.state !== 'pending', 'it goes on');
    const isRefused = outcome.state !== 'answered' || !outcome.value;
    scene.expect('a refusal', isRefused, outcome);
  }
}

const credential = { principal: 'agent-1', secret: 'a secret' };

export const authenticatorSuite = suite(
  'Authenticator',
  ['initialize', 'authenticate'],
  [
    {
      name: 'it starts without credentials, or says that it cannot',
      async run(scene) {
        const authenticator = await scene.create();
        scene.when('initialize is called without credentials');
        await scene.end('initialize', () => authenticator.initialize(undefined));
      },
    },
    {
      name: 'who proves nothing is refused, and waited for no longer than allowed',
      async run(scene) {
        const authenticator = await scene.create();
        const { credentials = [credential] } = scene.samples;
        scene.given('an initialized authenticator');
        await scene.answer('initialize', () => authenticator.initialize(credentials));
        await refuse(scene, (channel, signal) =>
          authenticator.authenticate('slave(1)@127.0.0.1:5051', channel, signal),
        );
      },
    },
    {
      name: 'who proves it is let in under its name, several at once',
      async run(scene) {
        const { peer, credentials = [credential], principal } = scene.samples;
        if (!peer) scene.skip('no peer is given that it lets in');
        const authenticator = await scene.create();
        await scene.answer('initialize', () => authenticator.initialize(credentials));
        scene.when('three peers prove who they are');
        const attempts = [1, 2, 3].map(async (port) => {
          const [own, other] = createChannelPair();
          const { signal } = new AbortController();
          const ask = () => authenticator.authenticate(`slave(1)@127.0.0.1:${port}`, own, signal);
          const both = await scene.answer('authenticate', async () => {
            const [found] = await Promise.all([ask(), peer?.(other, signal)]);
            return found;
          });
          scene.expect(principal ?? 'a principal', both === (principal ?? both) && !!both, both);
        });
        await Promise.all(attempts);
      },
    },
  ],
);

export const authenticateeSuite = suite(
  'Authenticatee',
  ['authenticate'],
  [
    {
      name: 'a master that proves nothing is not believed, and waited for no longer than allowed',
      async run(scene) {
        const { credential: own = credential } = scene.samples;
        const authenticatee = await scene.create();
        await refuse(scene, (channel, signal) =>
          authenticatee.authenticate('master@127.0.0.1:5050', 'slave(1)', own, channel, signal),
        );
      },
    },
    {
      name: 'it succeeds with a master that knows it',
      async run(scene) {
        const { peer, credential: own = credential } = scene.samples;
        if (!peer) scene.skip('no master is given that lets it in');
        const authenticatee = await scene.create();
        for (const time of ['first', 'second']) {
          const [channel, other] = createChannelPair();
          const { signal } = new AbortController();
          scene.when(`the master lets it in for the ${time} time`);
          const result = await scene.answer('authenticate', async () => {
            const attempt = authenticatee.authenticate('master', 'slave(1)', own, channel, signal);
            const [answer] = await Promise.all([attempt, peer?.(other, signal)]);
            return answer;
          });
          scene.expect('true', result === true, result);
        }
      },
    },
  ],
);
