// Time, for everything that records or measures it. Tests bring a clock that they move by hand.

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** The longest time on either side of 1970 that is a date. */
const latest = 8.64e15;

/** Whether a number that was read from somewhere is a moment: not every one is. */
export function isInstant(value: unknown): value is Instant {
  return typeof value === 'number' && Math.abs(value) <= latest;
}

export interface Clock {
  now(): Instant;
  /** Milliseconds since some moment of this process. Nobody sets it: what took how long is a difference of these, never of two instants. */
  elapsed(): number;
}

export const systemClock: Clock = {now: () => Date.now(), elapsed: () => performance.now()};

/** Calls the task again and again until the function that it returns is called; keeps no process alive. */
export function every(ms: number, task: () => void): () => void {
  const timer = setInterval(task, ms);
  timer.unref();
  return () => clearInterval(timer);
}

export function handClock(start: Instant = Date.UTC(2026, 0, 1)): Clock & {advance(ms: number): void; set(now: Instant): void} {
  let now = start;
  let elapsed = 0;
  return {
    now: () => now,
    elapsed: () => elapsed,
    advance: (ms) => {
      now += ms;
      elapsed += ms;
    },
    set: (instant) => {
      now = instant;
    },
  };
}
