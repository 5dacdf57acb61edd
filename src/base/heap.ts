// A binary heap: the first by an order, in logarithmic time. Knows nothing of what it holds.
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (left: T, right: T) => boolean;

  constructor(isBefore: (left: T, right: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    for (let at = this.#items.length - 1; at > 0;) {
      const above = (at - 1) >> 1;
      if (!this.#swapWhere(above, at)) return;
      at = above;
    }
  }

  pop(): T | undefined {
    const [first] = this.#items;
    const last = this.#items.pop();
    if (this.#items.length > 0 && last !== undefined) {
      this.#items[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#before(child, least)) least = child;
      if (least === at) return;
      this.#swapWhere(at, least);
      at = least;
    }
  }

  #before(left: number, right: number): boolean {
    const [one, other] = [this.#items[left], this.#items[right]];
    return one !== undefined && other !== undefined && this.#isBefore(one, other);
  }

  /** Swaps where the lower one belongs above. */
  #swapWhere(above: number, below: number): boolean {
    const [upper, lower] = [this.#items[above], this.#items[below]];
    if (upper === undefined || lower === undefined || !this.#isBefore(lower, upper)) return false;
    this.#items[above] = lower;
    this.#items[below] = upper;
    return true;
  }
}
