/**
 * What a module says to the daemon of itself: offers, say. While one version of it hands over to
 * the next, nobody knows which of the two will be heard.
 *
 *   open ──hold──▶ held ──open──▶ open   (what was said is heard now)
 *    │               └────shut──▶ shut   (and is forgotten)
 *    └──────────shut────────────▶ shut
 */
export interface Valve {
  pass(say: () => void): void;
  hold(): void;
  open(): void;
  shut(): void;
}

/** Said in one handover; who says more is not heard. */
const MAX_HELD = 10_000;

export function createValve(): Valve {
  let state: 'open' | 'held' | 'shut' = 'open';
  let held: (() => void)[] = [];
  return {
    pass(say) {
      if (state === 'open') say();
      else if (state === 'held' && held.length < MAX_HELD) held.push(say);
    },
    hold() {
      if (state === 'open') state = 'held';
    },
    open() {
      if (state !== 'held') return;
      state = 'open';
      const said = held;
      held = [];
      for (const say of said) say();
    },
    shut() {
      state = 'shut';
      held = [];
    },
  };
}
