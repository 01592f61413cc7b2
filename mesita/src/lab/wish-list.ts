import type { Resources } from '@mesita/sdk/resources';
import type { Wish } from './workload/workload.ts';

/** What a framework waits for, by role, the oldest first. */
export class WishList {
  readonly #byRole = new Map<string, Wish[]>();

  #of(role: string): Wish[] {
    const list = this.#byRole.get(role) ?? [];
    this.#byRole.set(role, list);
    return list;
  }

  add(wish: Wish): void {
    this.#of(wish.role).push(wish);
  }

  isEmpty(role: string): boolean {
    return this.#of(role).length === 0;
  }

  /** Takes those of the first `depth` wishes that fit into the offer; the rest of it is left. */
  take(role: string, offered: Resources, depth: number): { wishes: Wish[]; left: Resources } {
    const list = this.#of(role);
    const wishes: Wish[] = [];
    const kept: Wish[] = [];
    // Tasks of one job are alike: what did not fit once is not tried again.
    const tooLarge = new Set<Resources>();
    let left = offered;
    for (const wish of list.splice(0, depth)) {
      const { needs } = wish;
      if (!tooLarge.has(needs) && left.contains(needs)) {
        left = left.subtract(needs);
        wishes.push(wish);
      } else {
        tooLarge.add(needs);
        kept.push(wish);
      }
    }
    list.unshift(...kept);
    return { wishes, left };
  }

  all(): Wish[] {
    return [...this.#byRole.values()].flat();
  }

  clear(): void {
    this.#byRole.clear();
  }
}
