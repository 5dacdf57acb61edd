// Tells when a reading has stood still for too long to be one. Knows nothing of sensors; by hand the same holds (python/fts/sensor.py).

import type {Load} from '../thermometer.ts';

const minute = 60_000;
/** A sensor that tells tenths moves all the time; of one that tells whole degrees a steady machine may say the same for long. */
const fineMs = 10 * minute;
const coarseMs = 60 * minute;
/** Seldom asked, it may well be met at the same degrees twice. */
const leastTimes = 5;

export interface Moment {
  readonly celsius: number;
  /** Milliseconds, on a clock that only goes forward. */
  readonly atMs: number;
  readonly load: Load;
}

/** Of one sensor, told every reading in its order. */
export class Standstill {
  #last: Moment | undefined;
  #isFine = false;
  #times = 0;
  #loadedMs = 0;

  isFrozen(moment: Moment): boolean {
    this.#isFine ||= !Number.isInteger(moment.celsius * 2);
    const before = this.#last;
    this.#last = moment;
    if (before?.celsius !== moment.celsius) {
      this.#times = 1;
      this.#loadedMs = 0;
      return false;
    }
    if (before.load === 'loaded' && moment.load === 'loaded') {
      this.#times++;
      this.#loadedMs += moment.atMs - before.atMs;
    }
    return this.#times >= leastTimes && this.#loadedMs >= (this.#isFine ? fineMs : coarseMs);
  }
}
