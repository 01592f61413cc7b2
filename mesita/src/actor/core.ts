import type { Instant } from '@mesita/sdk/base';

/**
 * A state machine without clock, chance or I/O. `step` is total: it answers every event, throws
 * only on a bug, and owns all of its state. Effects are plain data, performed in order.
 */
export interface Core<Event, Effect> {
  step(now: Instant, event: Event): readonly Effect[];
}
