// What ends a build and is no node's own ending: a disk that refuses, a bug. The first one counts; all that runs is asked to stop for it.

export class Trouble {
  readonly #controller = new AbortController();
  #first: {readonly error: unknown} | undefined;

  /** Aborted a moment after the first trouble, not in the middle of what met it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isThere(): boolean {
    return this.#first !== undefined;
  }

  take(error: unknown): void {
    if (this.#first !== undefined) return;
    this.#first = {error};
    queueMicrotask(() => this.#controller.abort(error));
  }

  /** For work that nobody waits for: what it throws would be lost, or end the program and leave its jobs alone. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.take(error);
    }
  }

  /** Throws the first one, when nothing runs any more. */
  raise(): void {
    if (this.#first !== undefined) throw this.#first.error;
  }
}
