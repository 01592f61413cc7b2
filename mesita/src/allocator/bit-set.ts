/** A set of small integers. */
export class BitSet {
  readonly #words: number[] = [];

  has(member: number): boolean {
    return ((this.#words[member >> 5] ?? 0) & (1 << (member & 31))) !== 0;
  }

  add(member: number): void {
    const word = member >> 5;
    while (this.#words.length <= word) this.#words.push(0);
    this.#words[word] = (this.#words[word] as number) | (1 << (member & 31));
  }

  delete(member: number): void {
    const word = member >> 5;
    if (word >= this.#words.length) return;
    this.#words[word] = (this.#words[word] as number) & ~(1 << (member & 31));
  }

  clear(): void {
    this.#words.fill(0);
  }
}
