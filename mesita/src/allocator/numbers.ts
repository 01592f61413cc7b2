/** The smallest numbers that nobody has, so that sets of them stay small. */
export class Numbers {
  readonly #free: number[] = [];
  #next = 0;

  take(): number {
    return this.#free.pop() ?? this.#next++;
  }

  giveBack(number: number): void {
    this.#free.push(number);
  }
}
