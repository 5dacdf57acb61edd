// One running job: pauses it, lets it go on and stops it, by a word in its control file, and by signals where it does not answer.
import {unreachable} from '../base/unreachable.ts';
import type {JsonObject} from '../base/json.ts';
import type {Running} from '../executors/executor.ts';
import type {Clock, Instant} from '../host/clock.ts';
import type {Timers} from '../host/timers.ts';
import {graceMs} from './runner.ts';

/** What a job may read in its control file; no file means `run`. It looks between batches. */
export type ControlWord = 'pause' | 'run' | 'stop' | 'stop heat';

/** How long a job may take until it says that it has paused, and until it gets a signal after it was told to stop for the heat. */
export const answerMs = 5000;

/** How long it stood still so far, and since when it does; kept on the disk, in case the engine dies. */
export interface Paused {
  readonly ms: number;
  readonly since: Instant | null;
}

export interface JobControls {
  readonly running: Pick<Running, 'stop' | 'pause' | 'resume'>;
  /** Replaces the control file; where it cannot, the job does not hear it, and a signal comes all the same. Throws nothing. */
  readonly tell: (word: ControlWord) => void;
  /** Throws nothing. */
  readonly notePaused: (paused: Paused) => void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 *   running --asked--> pausing --it says so--> paused (`itself`) --let go on--> running
 *                      pausing --no answer--> paused (`signal`)
 *   any --told to stop--> stopping --it ended--> ended
 */
type State =
  | {readonly at: 'running'}
  | {readonly at: 'pausing'; readonly takeBack: () => void}
  | {readonly at: 'paused'; readonly by: 'itself' | 'signal'; readonly since: number}
  | {readonly at: 'stopping'; readonly takeBack: () => void}
  | {readonly at: 'ended'};

export class SupervisedJob {
  readonly #controls: JobControls;
  #state: State = {at: 'running'};
  #pausedMs = 0;

  constructor(controls: JobControls) {
    this.#controls = controls;
  }

  /** How long it stood still: no run time of anybody's. */
  get pausedMs(): number {
    return this.#pausedMs + (this.#state.at === 'paused' ? this.#controls.clock.elapsed() - this.#state.since : 0);
  }

  get isStopping(): boolean {
    return this.#state.at === 'stopping';
  }

  get standsStill(): boolean {
    return this.#state.at === 'paused' || this.#state.at === 'ended';
  }

  hear(progress: JsonObject): void {
    if (progress['event'] !== 'paused' || this.#state.at !== 'pausing') return;
    this.#state.takeBack();
    this.#standStill('itself');
  }

  pause(): void {
    if (this.#state.at !== 'running') return;
    const {tell, timers, running} = this.#controls;
    tell('pause');
    const takeBack = timers.after(answerMs, () => {
      running.pause();
      this.#standStill('signal');
    });
    this.#state = {at: 'pausing', takeBack};
  }

  resume(): void {
    if (this.#state.at !== 'pausing' && this.#state.at !== 'paused') return;
    // The word first: a stopped process must not find the old one.
    this.#controls.tell('run');
    this.#goOn();
    this.#state = {at: 'running'};
  }

  /** `stop`: a signal says the same at once. `stop heat`: the word is read first, so that the job can say what it was. */
  stop(word: 'stop' | 'stop heat'): void {
    if (this.isStopping || this.#state.at === 'ended') return;
    const {tell, timers, running} = this.#controls;
    tell(word);
    this.#goOn();
    if (word === 'stop') running.stop(graceMs);
    const takeBack = word === 'stop' ? (): void => undefined : timers.after(answerMs, () => running.stop(graceMs - answerMs));
    this.#state = {at: 'stopping', takeBack};
  }

  end(): void {
    this.#leave();
    this.#state = {at: 'ended'};
  }

  #standStill(by: 'itself' | 'signal'): void {
    const {clock, notePaused} = this.#controls;
    this.#state = {at: 'paused', by, since: clock.elapsed()};
    notePaused({ms: this.#pausedMs, since: clock.now()});
  }

  #goOn(): void {
    const isStopped = this.#state.at === 'paused' && this.#state.by === 'signal';
    this.#leave();
    if (isStopped) this.#controls.running.resume();
  }

  #leave(): void {
    switch (this.#state.at) {
      case 'pausing':
      case 'stopping':
        this.#state.takeBack();
        return;
      case 'paused':
        this.#pausedMs = this.pausedMs;
        this.#state = {at: 'running'};
        this.#controls.notePaused({ms: this.#pausedMs, since: null});
        return;
      case 'running':
      case 'ended':
        return;
      default:
        unreachable(this.#state);
    }
  }
}
