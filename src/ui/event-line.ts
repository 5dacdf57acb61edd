// An event of a build as it stands in the event stream (schemas/events.schema.json): one JSON object that needs nothing beside it.
import type {JsonObject} from '../base/json.ts';
import {unreachable} from '../base/unreachable.ts';
import type {BuildEvent, FailureStatus, Outcome, Summary, ThermalState} from '../build/events.ts';
import type {Price, Range} from '../build/price.ts';
import type {Node, RuleName} from '../graph/node.ts';
import type {Instant} from '../host/clock.ts';
import type {PressureLevel} from '../host/thermometer.ts';
import type {Reason} from '../state/judge.ts';
import {describeReason} from './reasons.ts';

export const streamVersion = 1;

/** ISO 8601, UTC. */
interface Timed {
  readonly time: string;
}

interface OfNode extends Timed {
  readonly node: string;
  readonly label: string;
}

export interface SecondsRange {
  readonly seconds: number;
  readonly low_seconds: number;
  readonly high_seconds: number;
}

/** The first line of a stream: whose it is, and what the plan was estimated to cost. */
export interface RunLine extends Timed {
  readonly type: 'run';
  readonly schema_version: typeof streamVersion;
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly jobs: number;
  /** Null where nothing is known of any node. */
  readonly estimate: {readonly sequential: SecondsRange; readonly parallel: SecondsRange; readonly unknown: number} | null;
}

export type EventLine =
  | RunLine
  | (Timed & {readonly type: 'build_started'; readonly wanted: number})
  | (Timed & {readonly type: 'machine'; readonly cores: number; readonly memory: number; readonly kind: string})
  | (OfNode & {readonly type: 'node_stale'; readonly because: Reason['because']; readonly reason: string})
  | (OfNode & {
      readonly type: 'node_started';
      readonly rule: RuleName;
      readonly attempt: number;
      readonly log_file: string | null;
      readonly estimate: SecondsRange | null;
    })
  | (OfNode & {readonly type: 'node_step'; readonly what: string})
  | (OfNode & {readonly type: 'node_progress'; readonly progress: JsonObject})
  | (OfNode & {readonly type: 'node_kept'; readonly path: string; readonly moved_to: string})
  | (Timed & {readonly type: 'report_made'; readonly path: string; readonly findings: readonly string[]})
  | (Timed & {readonly type: 'log_renewed'; readonly path: string; readonly moved_to: string; readonly why: string})
  | (OfNode & {readonly type: 'node_restored'; readonly from: string})
  | (OfNode & {readonly type: 'node_warned'; readonly code: string; readonly message: string})
  | (OfNode & {readonly type: 'node_held'; readonly why: string})
  | (Timed & {readonly type: 'paused' | 'resumed'; readonly by: 'heat' | 'person'; readonly why: string})
  | (Timed & {
      readonly type: 'temperature';
      readonly state: ThermalState;
      readonly celsius: number | null;
      /** Where the system tells no degrees but how hard it is pressed. */
      readonly pressure: PressureLevel | null;
      readonly source: string | null;
      readonly why: string | null;
    })
  | (OfNode & {
      readonly type: 'node_stalled';
      readonly silent_seconds: number;
      readonly usual_seconds: number;
      readonly action: 'report' | 'retry' | 'fail';
    })
  | (OfNode & {
      readonly type: 'node_ended';
      readonly rule: RuleName;
      readonly outcome: OutcomeLine;
      readonly duration_seconds: number;
      readonly estimate: SecondsRange | null;
    })
  | (Timed & {readonly type: 'build_ended'} & SummaryLine);

export type OutcomeLine =
  | {readonly at: 'done'; readonly how: 'ran' | 'fresh' | 'restored' | 'recognised'}
  | {
      readonly at: 'failed';
      readonly status: FailureStatus;
      readonly reason: string;
      readonly message: string;
      readonly log_file: string | null;
    }
  | {readonly at: 'blocked'; readonly by: string};

interface SummaryLine {
  readonly ran: number;
  readonly fresh: number;
  readonly restored: number;
  readonly recognised: number;
  readonly failed: readonly {
    readonly node: string;
    readonly status: FailureStatus;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly blocked: readonly {readonly node: string; readonly by: string}[];
  readonly trials: {readonly evaluated: number; readonly cached: number; readonly hit_rate: number | null};
  /** Null where no job ran. */
  readonly thermal: {readonly max_celsius: number | null; readonly paused_seconds: number} | null;
  readonly duration_seconds: number;
  readonly interrupted: boolean;
}

/** `now` is the time of an event that brings none of its own. */
export function lineOf(event: BuildEvent, price: Price, now: Instant): EventLine {
  const timed = {time: new Date('at' in event ? event.at : now).toISOString()};
  switch (event.type) {
    case 'build_started':
      return {...timed, type: event.type, wanted: event.wanted};
    case 'machine':
      return {...timed, type: event.type, cores: event.cores, memory: event.memory, kind: event.kind};
    case 'node_stale':
      return {...timed, type: event.type, ...named(event.node), because: event.reason.because, reason: describeReason(event.reason)};
    case 'node_started': {
      const {node, attempt, logFile} = event;
      return {
        ...{...timed, type: event.type, ...named(node), rule: node.rule, attempt, log_file: logFile ?? null},
        estimate: estimateOf(node, price),
      };
    }
    case 'node_step':
      return {...timed, type: event.type, ...named(event.node), what: event.what};
    case 'node_progress':
      return {...timed, type: event.type, ...named(event.node), progress: event.progress};
    case 'node_kept':
      return {...timed, type: event.type, ...named(event.node), path: event.path, moved_to: event.movedTo};
    case 'report_made':
      return {...timed, type: event.type, path: event.path, findings: event.findings};
    case 'log_renewed':
      return {...timed, type: event.type, path: event.path, moved_to: event.movedTo, why: event.why};
    case 'node_restored':
      return {...timed, type: event.type, ...named(event.node), from: event.from};
    case 'node_warned':
      return {...timed, type: event.type, ...named(event.node), code: event.diagnostic.code, message: event.diagnostic.message};
    case 'node_held':
      return {...timed, type: event.type, ...named(event.node), why: event.why};
    case 'paused':
    case 'resumed':
      return {...timed, type: event.type, by: event.by, why: event.why};
    case 'temperature': {
      const {reading, state} = event;
      return {
        ...{...timed, type: event.type, state},
        celsius: reading.kind === 'known' ? reading.celsius : null,
        pressure: reading.kind === 'pressure' ? reading.level : null,
        source: reading.kind === 'unknown' ? null : reading.source,
        why: reading.kind === 'unknown' ? reading.why : null,
      };
    }
    case 'node_stalled': {
      const seconds = {silent_seconds: event.silentMs / 1000, usual_seconds: event.usualMs / 1000};
      return {...timed, type: event.type, ...named(event.node), ...seconds, action: event.action};
    }
    case 'node_ended': {
      const {node, outcome, durationMs} = event;
      return {
        ...{...timed, type: event.type, ...named(node), rule: node.rule, outcome: outcomeOf(outcome), duration_seconds: durationMs / 1000},
        estimate: estimateOf(node, price),
      };
    }
    case 'build_ended':
      return {...timed, type: event.type, ...summaryOf(event.summary)};
    default:
      return unreachable(event);
  }
}

/** What is in a stream but not as a BuildEvent: its first line. */
export function runLineOf(run: Pick<RunLine, 'pid' | 'host' | 'command'>, price: Price, now: Instant): RunLine {
  const {sequential, parallel, unknown, jobs} = price;
  const estimate = price.of.size === 0 ? null : {sequential: secondsOf(sequential), parallel: secondsOf(parallel), unknown};
  return {time: new Date(now).toISOString(), type: 'run', schema_version: streamVersion, ...run, jobs, estimate};
}

function named(node: Node): {readonly node: string; readonly label: string} {
  return {node: node.id, label: node.label};
}

function estimateOf(node: Node, price: Price): SecondsRange | null {
  const estimate = price.of.get(node.id);
  return estimate === undefined ? null : secondsOf(estimate);
}

function secondsOf({ms, lowMs, highMs}: Range): SecondsRange {
  return {seconds: ms / 1000, low_seconds: lowMs / 1000, high_seconds: highMs / 1000};
}

function outcomeOf(outcome: Outcome): OutcomeLine {
  switch (outcome.at) {
    case 'done':
      return {at: 'done', how: outcome.how};
    case 'failed': {
      const {status, reason, message, logFile} = outcome;
      return {at: 'failed', status, reason, message, log_file: logFile ?? null};
    }
    case 'blocked':
      return {at: 'blocked', by: outcome.by.id};
    default:
      return unreachable(outcome);
  }
}

function summaryOf(summary: Summary): SummaryLine {
  const {ran, fresh, restored, recognised, interrupted, thermal} = summary;
  const {evaluated, cached, hitRate} = summary.trials;
  return {
    ...{ran, fresh, restored, recognised, interrupted, duration_seconds: summary.durationMs / 1000},
    failed: summary.failed.map(({node, outcome: {status, reason, message}}) => ({node: node.id, status, reason, message})),
    trials: {evaluated, cached, hit_rate: hitRate},
    thermal: thermal === undefined ? null : {max_celsius: thermal.maxCelsius ?? null, paused_seconds: thermal.pausedMs / 1000},
    blocked: summary.blocked.map(({node, by}) => ({node: node.id, by: by.id})),
  };
}
