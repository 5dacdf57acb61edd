// Everything that happens in a build, as one closed union. Reporters only render it.
import type {JsonObject} from '../base/json.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Node} from '../graph/node.ts';
import type {Instant} from '../host/clock.ts';
import type {Reading} from '../host/thermometer.ts';
import type {Reason} from '../state/judge.ts';

export type BuildEvent =
  | {readonly type: 'build_started'; readonly wanted: number; readonly at: Instant}
  | {readonly type: 'machine'; readonly cores: number; readonly memory: number; readonly kind: string}
  | {readonly type: 'node_stale'; readonly node: Node; readonly reason: Reason}
  | {readonly type: 'node_started'; readonly node: Node; readonly attempt: number; readonly at: Instant; readonly logFile?: string}
  /** What a long step of the engine's own is at now; for a person. */
  | {readonly type: 'node_step'; readonly node: Node; readonly what: string; readonly at: Instant}
  | {readonly type: 'node_progress'; readonly node: Node; readonly progress: JsonObject}
  | {readonly type: 'node_kept'; readonly node: Node; readonly path: string; readonly movedTo: string; readonly isUnknown?: true}
  /** A log that was begun anew, since what lay there was not its own of today: `why` is for a person. */
  | {readonly type: 'log_renewed'; readonly path: string; readonly movedTo: string; readonly why: string}
  /** The report was rendered: where it is, and a line for each of its verdicts. */
  | {readonly type: 'report_made'; readonly path: string; readonly findings: readonly string[]}
  /** Results, or unfinished work, that need not be made again: `from` says whose they were. */
  | {readonly type: 'node_restored'; readonly node: Node; readonly from: string}
  | {readonly type: 'node_warned'; readonly node: Node; readonly diagnostic: Diagnostic}
  /** A ready node that may not start yet: `why` is for a person. Once for each reason. */
  | {readonly type: 'node_held'; readonly node: Node; readonly why: string; readonly at: Instant}
  /** The build's jobs stand still, or go on again. */
  | {readonly type: 'paused' | 'resumed'; readonly by: 'heat' | 'person'; readonly why: string; readonly at: Instant}
  /** A reading, with what it means under the study's thresholds. */
  | {readonly type: 'temperature'; readonly reading: Reading; readonly state: ThermalState; readonly at: Instant}
  /** No word from a job for longer than the watchdog allows. */
  | {
      readonly type: 'node_stalled';
      readonly node: Node;
      readonly silentMs: number;
      readonly usualMs: number;
      /** `fail`: it had been started once more already. */
      readonly action: 'report' | 'retry' | 'fail';
      readonly at: Instant;
    }
  | {readonly type: 'node_ended'; readonly node: Node; readonly outcome: Outcome; readonly durationMs: number; readonly at: Instant}
  | {readonly type: 'build_ended'; readonly summary: Summary; readonly at: Instant};

/** Spec section 6: normal below `acceptable`, acceptable below `warn`, warning below `abort`, critical from there on. */
export type ThermalState = 'normal' | 'acceptable' | 'warning' | 'critical' | 'unknown';

/** How a wanted node came to rest. */
export type Outcome =
  | {readonly at: 'done'; readonly how: 'ran' | 'fresh' | 'restored' | 'recognised'}
  | {readonly at: 'failed'; readonly status: FailureStatus; readonly reason: string; readonly message: string; readonly logFile?: string}
  | {readonly at: 'blocked'; readonly by: Node};

/**
 * `refused`: too little data, data missing or wrong, too hot to start: a gate, not a failure of the step. `thermal_abort`: it got too hot while it
 * ran; what it had is saved.
 */
export type FailureStatus = 'failed' | 'partial' | 'refused' | 'interrupted' | 'thermal_abort';

export interface Summary {
  readonly ran: number;
  readonly fresh: number;
  readonly restored: number;
  readonly recognised: number;
  readonly failed: readonly {readonly node: Node; readonly outcome: Extract<Outcome, {at: 'failed'}>}[];
  readonly blocked: readonly {readonly node: Node; readonly by: Node}[];
  readonly trials: TrialCounts;
  readonly durationMs: number;
  readonly interrupted: boolean;
  /** Absent where no job ran. */
  readonly thermal?: ThermalSummary;
}

export interface ThermalSummary {
  /** The highest reading while a job ran; undefined where there was none. */
  readonly maxCelsius: number | undefined;
  /** How long the build's jobs stood still. */
  readonly pausedMs: number;
}

/** Trials of searches that ended in a build. */
export interface TrialCounts {
  readonly evaluated: number;
  /** Looked up, since the same configuration was evaluated before. */
  readonly cached: number;
  /** Share of the trials that were looked up, from 0 to 1; null where no trial ended. */
  readonly hitRate: number | null;
}

export type Listener = (event: BuildEvent) => void;
