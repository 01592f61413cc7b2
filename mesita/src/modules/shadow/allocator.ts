import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Allocator, OfferableResources } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import { createMatcher } from './matcher.ts';
import type { ShadowParts } from './shadow.ts';

interface Offered {
  readonly framework: FrameworkId;
  readonly agent: AgentId;
  readonly resources: Resources;
}

/** Asks, which change nothing; and what each of them begins with. */
const UNSHARED: ReadonlySet<string> = new Set([
  'initialize',
  'inverseOfferStatuses',
  'metrics',
  'explain',
]);

const MIN_WINDOW_MS = 1_000;

/**
 * The candidate hears all that the acting one hears. What both offer within two allocation intervals
 * is a decision they agree on. Where they do not, the candidate is set right: what it offered comes
 * back to it, and what the other offered is held by whoever got it.
 */
export function shadowAllocator(parts: ShadowParts<Allocator>): () => void {
  const { acting, candidate, tally, clock } = parts;
  const books = acting.memory.replay();
  const matcher = createMatcher<Offered>({
    ...{ windowMs: windowOf(books), clock, equal: tally.same },
    alone({ by, key, value }) {
      tally.differ({
        subject: `${value.framework} on ${value.agent}`,
        acting: by === 'acting' ? key : null,
        candidate: by === 'candidate' ? key : null,
      });
      if (by === 'candidate') takeBack(candidate, value);
      else giveAway(candidate, value);
    },
  });
  const offer =
    (by: 'acting' | 'candidate') => (framework: FrameworkId, all: OfferableResources) => {
      for (const [role, agents] of all) {
        for (const [agent, resources] of agents) {
          const key = `${framework} as ${role}: ${resources.unallocate()} of ${agent}`;
          matcher.say(by, key, { framework, agent, resources });
        }
      }
    };

  for (const [method, args] of books) {
    const own = { offer: offer('candidate'), inverseOffer() {} };
    void tell(candidate, method, method === 'initialize' ? args.with(-1, own) : args);
  }
  const removeListener = acting.memory.listen((method, args) => {
    if (method === 'offer') offer('acting')(args[0] as FrameworkId, args[1] as OfferableResources);
  });
  const removeTap = acting.addTap((method, call, args, next) => {
    if (UNSHARED.has(method)) return next(args);
    // What an agent's books say must be true before they change again.
    const agent = Object.keys(call.args).indexOf('agent');
    if (agent >= 0) matcher.settle((offered) => offered.agent === args[agent]);
    if (method === 'removeFramework') matcher.settle((one) => one.framework === args[0]);
    void tell(candidate, method, args);
    return next(args);
  });
  return () => {
    matcher.stop();
    removeListener();
    removeTap();
  };
}

/** What it fails to hear its guard has counted; what it has no ear for it does not hear. */
async function tell(candidate: Allocator, method: string, args: readonly unknown[]): Promise<void> {
  const own = (candidate as unknown as Readonly<Record<string, unknown>>)[method];
  if (typeof own !== 'function') return;
  try {
    await own(...args);
  } catch {
    // Nothing depends on it.
  }
}

function takeBack(candidate: Allocator, { framework, agent, resources }: Offered): void {
  void tell(candidate, 'recoverResources', [framework, agent, resources, undefined, false]);
}

/** The only message that says "held by" and nothing else. */
function giveAway(candidate: Allocator, { framework, agent, resources }: Offered): void {
  const held = new Map([[framework, resources]]);
  void tell(candidate, 'addResourceProvider', [agent, Resources.empty, held]);
}

function windowOf(books: readonly (readonly [string, readonly unknown[]])[]): number {
  const [options] = books.find(([method]) => method === 'initialize')?.[1] ?? [];
  const { allocationIntervalMs = 0 } = (options ?? {}) as { allocationIntervalMs?: number };
  return Math.max(MIN_WINDOW_MS, 2 * allocationIntervalMs);
}
