// Does something later. Tests bring timers that run by the clock that they move.
import {Heap} from '../base/heap.ts';
import type {Clock} from './clock.ts';

export interface Timers {
  /** Once, so many milliseconds from now; the result takes it back. */
  after(ms: number, task: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Whenever the program has nothing else to do, the clock moves to the next task that is due: a wait of hours takes no time, and what is due first
 * happens first, in the order in which it was asked for.
 */
export function handTimers(clock: Clock & {advance(ms: number): void}): Timers {
  const waiting = new Heap<{readonly at: number; readonly place: number; readonly task: () => void}>(
    (left, right) => left.at < right.at || (left.at === right.at && left.place < right.place),
  );
  let count = 0;
  const cancelled = new Set<() => void>();
  const runNext = (): void => {
    const next = waiting.pop();
    if (next === undefined || cancelled.delete(next.task)) return;
    clock.advance(Math.max(0, next.at - clock.elapsed()));
    next.task();
  };
  return {
    after: (ms, task) => {
      // A task of its own for each, so that the same function may wait twice.
      const own = (): void => task();
      waiting.push({at: clock.elapsed() + ms, place: count++, task: own});
      setImmediate(() => setImmediate(runNext));
      return () => void cancelled.add(own);
    },
  };
}
