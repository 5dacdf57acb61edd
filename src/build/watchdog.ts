// Tells when a running job has said nothing for much longer than it usually does. Pure but for the clock it is given; stops nothing itself.
//
// Only time in which the machine was awake and the job was not paused counts: it is added up tick by tick, and a tick that comes
// far too late (the machine slept, or this process stood still) counts as one that came in time.
import type {JsonObject} from '../base/json.ts';
import type {Watchdog as Settings} from '../config/study.ts';
import type {Clock} from '../host/clock.ts';
import type {BuildEvent} from './events.ts';
import {PauseCauses} from './pause-causes.ts';

export interface Stall {
  readonly silentMs: number;
  readonly usualMs: number;
}

export interface Watched {
  /** Any word is a sign of life. */
  hear(progress: JsonObject): void;
  end(): void;
}

/** Time between two ticks. */
export const tickMs = 5000;

export class Watchdog {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #silences = new Set<Silence>();
  readonly #pauses = new PauseCauses();

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** From now on a silence that is too long is told, once until the next word. */
  watch(onStall: (stall: Stall) => void): Watched {
    const silence = new Silence(this.#settings, this.#clock.elapsed(), onStall);
    this.#silences.add(silence);
    silence.pauseBuild(this.#pauses.isPaused, this.#clock.elapsed());
    return {
      hear: (progress) => silence.hear(progress, this.#clock.elapsed()),
      end: () => this.#silences.delete(silence),
    };
  }

  /** What the build says of itself: while its jobs stand still, none of them is silent. */
  listen(event: BuildEvent): void {
    if (!this.#pauses.listen(event)) return;
    for (const silence of this.#silences) silence.pauseBuild(this.#pauses.isPaused, this.#clock.elapsed());
  }

  tick(): void {
    for (const silence of this.#silences) silence.tick(this.#clock.elapsed());
  }
}

/** How many of a run's last pauses between words say what is usual. */
const remembered = 50;

class Silence {
  readonly #settings: Settings;
  readonly #onStall: (stall: Stall) => void;
  #last: number;
  #silentMs = 0;
  readonly #gaps: number[] = [];
  #buildIsPaused = false;
  #jobIsPaused = false;
  #isTold = false;

  constructor(settings: Settings, now: number, onStall: (stall: Stall) => void) {
    this.#settings = settings;
    this.#last = now;
    this.#onStall = onStall;
  }

  hear(progress: JsonObject, now: number): void {
    this.#pass(now);
    this.#gaps.push(this.#silentMs);
    if (this.#gaps.length > remembered) this.#gaps.shift();
    this.#silentMs = 0;
    this.#isTold = false;
    if (progress['event'] === 'paused') this.#jobIsPaused = true;
    if (progress['event'] === 'resumed') this.#jobIsPaused = false;
  }

  pauseBuild(isPaused: boolean, now: number): void {
    this.#pass(now);
    this.#buildIsPaused = isPaused;
  }

  tick(now: number): void {
    this.#pass(now);
    const usualMs = this.#usualMs();
    if (this.#isTold || this.#silentMs <= Math.max(this.#settings.factor * usualMs, this.#settings.atLeastMs)) return;
    this.#isTold = true;
    this.#onStall({silentMs: this.#silentMs, usualMs});
  }

  #pass(now: number): void {
    const elapsed = Math.min(Math.max(0, now - this.#last), 2 * tickMs);
    this.#last = now;
    if (!this.#buildIsPaused && !this.#jobIsPaused) this.#silentMs += elapsed;
  }

  // What nine of ten gaps stayed below: words come in bursts (a trial ends, the next begins), and those gaps are no step's time.
  #usualMs(): number {
    return this.#gaps.toSorted((left, right) => left - right)[Math.floor(0.9 * (this.#gaps.length - 1))] ?? 0;
  }
}
