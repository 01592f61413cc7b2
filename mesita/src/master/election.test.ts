import type { Clock, Logger } from '@mesita/sdk/base';
import type { Candidacy } from '@mesita/sdk/module';
import type { MasterInfo } from '@mesita/sdk/types';
import { expect, test, vi } from 'vitest';
import { createStandaloneElection, type Election, stand } from './election.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const info = (id: string): MasterInfo => ({ id, ip: 1, port: 5050 });

/** Time flies. */
const clock: Clock = {
  now: () => 0,
  setTimer(_delayMs, fire) {
    setImmediate(fire);
    return { cancel() {} };
  },
};

function scene({ failures = 0 } = {}) {
  const story: string[] = [];
  const losers: { lose(): void; break(error: Error): void }[] = [];
  let entered = 0;
  const found: ((leader: MasterInfo | undefined) => void)[] = [];
  const election: Election = {
    contender: {
      initialize: ({ id }) => void story.push(`initialize ${id}`),
      async contend(): Promise<Candidacy> {
        story.push('contend');
        if (entered++ > 0 && failures-- > 0) throw new Error('no');
        return {
          lost: new Promise<void>((resolve, reject) => {
            losers.push({ lose: resolve, break: reject });
          }),
        };
      },
    },
    detector: { detect: () => new Promise((resolve) => found.push(resolve)) },
  };
  const abort = new AbortController();
  const standing = stand(election, {
    info: info('me'),
    ...{ log, clock },
    signal: abort.signal,
    onLeader: (leader) => story.push(`leader ${leader?.id}`),
    onEnd: (reason) => story.push(`end: ${reason}`),
  });
  const lose = () => losers.pop()?.lose();
  const breakDown = () => losers.pop()?.break(new Error('nobody knows'));
  const lead = (id?: string) => found.pop()?.(id === undefined ? undefined : info(id));
  const reaches = (count: number) => vi.waitUntil(() => story.length >= count);
  return { story, standing, lose, breakDown, lead, found, reaches };
}

test('a follower that loses its candidacy contends again', async () => {
  const { story, standing, lose, lead, found, reaches } = scene();
  await vi.waitUntil(() => found.length > 0);
  lead('other');
  await standing;
  lose();
  await reaches(4);
  await vi.waitUntil(() => found.length > 0);
  lead();
  await reaches(5);
  expect(story).toEqual([
    'initialize me',
    'contend',
    'leader other',
    'contend',
    'leader undefined',
  ]);
});

test('a follower goes on when it fails to contend, or to say whether it still does', async () => {
  const { story, standing, breakDown, lead, found, reaches } = scene({ failures: 2 });
  await vi.waitUntil(() => found.length > 0);
  lead('other');
  await standing;
  breakDown();
  await reaches(6);
  expect(story.slice(2)).toEqual(['leader other', 'contend', 'contend', 'contend']);
});

test('a leader that cannot say any more whether it leads ends', async () => {
  const { story, standing, breakDown, lead, found, reaches } = scene();
  await vi.waitUntil(() => found.length > 0);
  lead('me');
  await standing;
  breakDown();
  await reaches(4);
  expect(story.at(-1)).toBe('end: Failed to watch for candidacy: nobody knows');
});

test('a leader that loses its candidacy ends', async () => {
  const { story, standing, lose, lead, found, reaches } = scene();
  await vi.waitUntil(() => found.length > 0);
  lead('me');
  await standing;
  lose();
  await reaches(4);
  expect(story.at(-1)).toBe('end: Lost leadership: the candidacy is lost');
});

test('alone, it leads at once and for ever', async () => {
  const leaders: unknown[] = [];
  await stand(createStandaloneElection(), {
    info: info('me'),
    ...{ log, clock },
    signal: new AbortController().signal,
    onLeader: (leader, candidacy) => leaders.push([leader?.id, candidacy.epoch]),
    onEnd: () => expect.unreachable(),
  });
  expect(leaders).toEqual([['me', undefined]]);
});
