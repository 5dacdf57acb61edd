// Looks at the temperature while jobs run or wait, and says when they start, stand still, go on and end: by the heat policy and by a person's word.
import type {JsonObject} from '../base/json.ts';
import type {Thermal} from '../config/study.ts';
import type {Running} from '../executors/executor.ts';
import type {Node} from '../graph/node.ts';
import type {Clock, Instant} from '../host/clock.ts';
import type {Reading, Thermometer} from '../host/thermometer.ts';
import type {Timers} from '../host/timers.ts';
import type {Listener, Outcome, ThermalState, ThermalSummary} from './events.ts';
import {findHold, initialHeat, nextHeat, thermalStateOf, type HeatState} from './heat.ts';
import {refused} from './runner.ts';
import {SupervisedJob, type ControlWord, type Paused} from './supervised-job.ts';

export interface SupervisorOptions {
  readonly thermal: Thermal;
  readonly thermometer: Thermometer;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Never throws. */
  readonly listen: Listener;
}

/** A job that has started. */
export interface Supervised {
  hear(progress: JsonObject): void;
  /** A person wants an end: it saves what it has. */
  stop(): void;
  /** It was told to end, by whomever, and has not ended yet. */
  readonly isStopping: boolean;
  readonly pausedMs: number;
  /** It has ended. */
  end(): ThermalRecord;
}

export interface ThermalRecord {
  /** The highest reading while it ran; undefined where there was none. */
  readonly maxCelsius: number | undefined;
  /** The worst; unknown where nothing told. */
  readonly state: ThermalState;
  readonly pausedMs: number;
  /** Why it was told to end for the heat, if it was. */
  readonly aborted: string | undefined;
}

export interface Held {
  /** Undefined where the wait was ended before it could start. */
  readonly outcome: Outcome | undefined;
  /** How long it waited and stood still. */
  readonly idleMs: number;
}

interface Job {
  readonly supervised: SupervisedJob;
  maxCelsius: number | undefined;
  state: ThermalState;
  aborted: string | undefined;
}

type Cause = 'heat' | 'person';

/** From the one that says nothing to the worst. */
const severity: readonly ThermalState[] = ['unknown', 'normal', 'acceptable', 'warning', 'critical'];

export const personsHold = 'a person paused the build; `ftsbuild resume` lets it go on';

export class Supervisor {
  readonly #options: SupervisorOptions;
  #heat: HeatState = initialHeat;
  #last: Reading | undefined;
  #isPausedByPerson = false;
  /** Nodes that wait for a start or run. */
  #active = 0;
  readonly #jobs = new Map<Node, Job>();
  readonly #idleMs = new Map<Node, number>();
  /** What ends the wait of a node between two of its attempts. */
  readonly #halted = new Map<Node, AbortSignal>();
  readonly #waiting = new Set<() => void>();
  /** Why the build's jobs stand still, each announced once; independent of each other. */
  readonly #pauses = new Set<Cause>();
  #pausedSince = 0;
  #summary: {maxCelsius: number | undefined; pausedMs: number} | undefined;
  /** Of the present run of samples: an answer that comes later counts no more. */
  #round = 0;
  #takeBackSample: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Waits until the node may start, and runs it; `halted` ends the wait. */
  async during(node: Node, halted: AbortSignal, run: () => Promise<Outcome>): Promise<Held> {
    const since = this.#elapsed();
    this.#enter();
    this.#halted.set(node, halted);
    try {
      const refusal = await this.#untilFree(node, halted);
      const heldMs = this.#elapsed() - since;
      if (refusal !== undefined) return {outcome: refusal === 'halted' ? undefined : refusal, idleMs: heldMs};
      const outcome = await run();
      return {outcome, idleMs: heldMs + (this.#idleMs.get(node) ?? 0)};
    } finally {
      this.#idleMs.delete(node);
      this.#halted.delete(node);
      this.#leave();
    }
  }

  /** Waits as before the first start, for a node that is to start once more; gives what stands in its way for good. */
  async beforeNextAttempt(node: Node): Promise<Outcome | 'halted' | undefined> {
    const halted = this.#halted.get(node);
    if (halted === undefined) return undefined;
    const since = this.#elapsed();
    const refusal = await this.#untilFree(node, halted);
    this.#addIdle(node, this.#elapsed() - since);
    return refusal;
  }

  watch(
    node: Node,
    job: {
      readonly running: Pick<Running, 'stop' | 'pause' | 'resume'>;
      readonly tell: (word: ControlWord) => void;
      readonly notePaused: (paused: Paused) => void;
    },
  ): Supervised {
    const {clock, timers} = this.#options;
    const supervised = new SupervisedJob({...job, clock, timers});
    const entry: Job = {supervised, maxCelsius: undefined, state: 'unknown', aborted: undefined};
    this.#jobs.set(node, entry);
    this.#summary ??= {maxCelsius: undefined, pausedMs: 0};
    if (this.#last !== undefined) this.#note(entry, this.#last);
    this.#apply();
    return {
      hear: (progress) => supervised.hear(progress),
      stop: () => supervised.stop('stop'),
      get isStopping() {
        return supervised.isStopping;
      },
      get pausedMs() {
        return supervised.pausedMs;
      },
      end: () => {
        supervised.end();
        this.#jobs.delete(node);
        this.#addIdle(node, supervised.pausedMs);
        const {maxCelsius, state, aborted} = entry;
        return {maxCelsius, state, aborted, pausedMs: supervised.pausedMs};
      },
    };
  }

  /** A person's word; heat pauses and resumes independently of it. False where they had said so before. */
  pause(): boolean {
    if (this.#isPausedByPerson) return false;
    this.#isPausedByPerson = true;
    this.#announcePause('person', personsHold);
    this.#apply();
    return true;
  }

  resume(): void {
    if (!this.#isPausedByPerson) return;
    this.#isPausedByPerson = false;
    this.#announceResume(
      'person',
      this.#pauses.has('heat') ? 'a person lets it go on; the temperature does not yet' : 'a person lets it go on',
    );
    this.#apply();
    this.#wake();
  }

  /** Whether no job computes. */
  get standsStill(): boolean {
    return [...this.#jobs.values()].every(({supervised}) => supervised.standsStill);
  }

  get summary(): ThermalSummary | undefined {
    if (this.#summary === undefined) return undefined;
    const {maxCelsius, pausedMs} = this.#summary;
    return {maxCelsius, pausedMs: pausedMs + (this.#pauses.size > 0 ? this.#elapsed() - this.#pausedSince : 0)};
  }

  close(): void {
    this.#round++;
    this.#takeBackSample();
  }

  #now(): Instant {
    return this.#options.clock.now();
  }

  #elapsed(): number {
    return this.#options.clock.elapsed();
  }

  #enter(): void {
    if (this.#active++ === 0) void this.#sample(++this.#round);
  }

  // Nobody looks while nothing runs or waits: what was seen before then says nothing of now.
  #leave(): void {
    if (--this.#active > 0) return;
    this.close();
    if (this.#heat.at !== 'over') this.#heat = initialHeat;
    this.#last = undefined;
    this.#announceResume('heat', 'nothing runs or waits any more');
  }

  #addIdle(node: Node, ms: number): void {
    this.#idleMs.set(node, (this.#idleMs.get(node) ?? 0) + ms);
  }

  async #untilFree(node: Node, halted: AbortSignal): Promise<Outcome | 'halted' | undefined> {
    let told: string | undefined;
    for (;;) {
      if (halted.aborted) return 'halted';
      if (this.#heat.at === 'over') return refused('heat', this.#heat.why);
      const why = this.#isPausedByPerson ? personsHold : findHold(this.#heat, this.#options.thermal);
      if (why === undefined) return undefined;
      // The first reading comes at once: that is no wait.
      if (this.#heat !== initialHeat && told !== why) {
        told = why;
        this.#options.listen({type: 'node_held', node, why, at: this.#now()});
      }
      await this.#nextChange(halted);
    }
  }

  #nextChange(halted: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        halted.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      halted.addEventListener('abort', done, {once: true});
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }

  async #sample(round: number): Promise<void> {
    const reading = await this.#options.thermometer.read(this.#jobs.size > 0 && this.#pauses.size === 0 ? 'loaded' : 'idle');
    if (round !== this.#round) return;
    this.#takeBackSample = this.#options.timers.after(this.#options.thermal.sampleMs, () => void this.#sample(round));
    this.#take(reading);
  }

  #take(reading: Reading): void {
    const {thermal, listen} = this.#options;
    const at = this.#now();
    this.#heat = nextHeat(this.#heat, {reading, at: this.#elapsed()}, thermal);
    const wasUnknown = this.#last?.kind === 'unknown';
    this.#last = reading;
    // Where there is no sensor, once says it.
    if (reading.kind === 'known' || !wasUnknown) listen({type: 'temperature', reading, state: thermalStateOf(reading, thermal), at});
    for (const job of this.#jobs.values()) this.#note(job, reading);
    this.#apply();
    this.#wake();
  }

  #note(job: Job, reading: Reading): void {
    job.state = worse(job.state, thermalStateOf(reading, this.#options.thermal));
    if (reading.kind !== 'known') return;
    job.maxCelsius = Math.max(job.maxCelsius ?? -Infinity, reading.celsius);
    if (this.#summary !== undefined) this.#summary.maxCelsius = Math.max(this.#summary.maxCelsius ?? -Infinity, reading.celsius);
  }

  // What heat and person want, to every job: each takes a word that it follows already as nothing.
  #apply(): void {
    const heat = this.#heat;
    if (heat.at === 'over') {
      this.#closePause('heat');
      for (const job of this.#jobs.values()) {
        if (job.supervised.isStopping) continue;
        job.aborted = heat.why;
        job.supervised.stop('stop heat');
      }
      return;
    }
    if (heat.at === 'hot' && this.#jobs.size > 0) this.#announcePause('heat', heat.why);
    if (heat.at !== 'hot') this.#announceResume('heat', 'it is cool enough again');
    const standStill = heat.at === 'hot' || this.#isPausedByPerson;
    for (const {supervised} of this.#jobs.values()) {
      if (standStill) supervised.pause();
      else supervised.resume();
    }
  }

  #announcePause(by: Cause, why: string): void {
    if (this.#pauses.has(by)) return;
    if (this.#pauses.size === 0) this.#pausedSince = this.#elapsed();
    this.#pauses.add(by);
    this.#options.listen({type: 'paused', by, why, at: this.#now()});
  }

  #announceResume(by: Cause, why: string): void {
    if (this.#closePause(by)) this.#options.listen({type: 'resumed', by, why, at: this.#now()});
  }

  #closePause(by: Cause): boolean {
    if (!this.#pauses.delete(by)) return false;
    if (this.#pauses.size === 0 && this.#summary !== undefined) this.#summary.pausedMs += this.#elapsed() - this.#pausedSince;
    return true;
  }
}

function worse(one: ThermalState, other: ThermalState): ThermalState {
  return severity.indexOf(other) > severity.indexOf(one) ? other : one;
}
