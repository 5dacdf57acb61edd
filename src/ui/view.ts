// How a build stands, folded from the lines of its event stream: the live screen and `ftsbuild status` read the same. Renders nothing.
import type {JsonObject} from '../base/json.ts';
import type {RuleName} from '../graph/node.ts';
import type {EventLine, RunLine, SecondsRange} from './event-line.ts';

/** Times are milliseconds since 1970. */
export interface View {
  run: RunLine | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  wanted: number;
  settled: number;
  failed: number;
  blocked: number;
  /** In the order in which they started. */
  readonly running: Map<string, RunningNode>;
  /** Ready nodes that may not start yet. */
  readonly held: Map<string, {readonly label: string; readonly why: string}>;
  /** All that holds the jobs: they go on when the last cause is gone. */
  readonly pauses: Map<PauseCause, {readonly why: string}>;
  /** The latest cause that still holds, and since when the jobs have stood still, for whatever cause. */
  paused: {readonly by: PauseCause; readonly why: string; readonly since: number} | undefined;
  /** Milliseconds of the pauses that are over. */
  pausedMs: number;
  temperature: Extract<EventLine, {type: 'temperature'}> | undefined;
  /** Some reading was one: a machine without a sensor is not told again and again that it has none. */
  isSensed: boolean;
  /** Seconds of the plan's estimate, one node after the other, that the settled nodes stood for. */
  settledEstimate: SecondsRange;
  /** Nodes without an estimate that ended otherwise than fresh. */
  settledUnknown: number;
}

export interface RunningNode {
  readonly label: string;
  readonly rule: RuleName;
  readonly startedAt: number;
  /** Milliseconds that the build had stood still by then. */
  readonly pausedBefore: number;
  readonly attempt: number;
  readonly logFile: string | null;
  readonly estimate: SecondsRange | null;
  /** What the engine is at with it. */
  readonly step: string | undefined;
  readonly trials: {readonly ended: number; readonly expected: number} | undefined;
  readonly epochs: {readonly epoch: number; readonly epochs: number} | undefined;
  /** What this attempt did so far: trials of a search, epochs of a training. */
  readonly done: {readonly units: number; readonly seconds: number};
  /** Best value of the trials, or lowest validation loss of the epochs. */
  readonly best: number | undefined;
  /** Since when nobody heard of it, where the watchdog said so. */
  readonly silentSeconds: number | undefined;
}

type PauseCause = Extract<EventLine, {type: 'paused' | 'resumed'}>['by'];

const nothing: SecondsRange = {seconds: 0, low_seconds: 0, high_seconds: 0};

export function emptyView(): View {
  return {
    ...{run: undefined, startedAt: undefined, endedAt: undefined, wanted: 0, settled: 0, failed: 0, blocked: 0},
    ...{
      running: new Map(),
      held: new Map(),
      pauses: new Map(),
      paused: undefined,
      pausedMs: 0,
      temperature: undefined,
      isSensed: false,
      settledEstimate: nothing,
      settledUnknown: 0,
    },
  };
}

/** Takes the next line of the stream in. */
export function follow(view: View, line: EventLine): void {
  const at = Date.parse(line.time);
  // A damaged line: what has no moment tells nothing of how it stands.
  if (Number.isNaN(at)) return;
  switch (line.type) {
    case 'run':
      view.run = line;
      return;
    case 'build_started':
      view.startedAt = at;
      view.wanted = line.wanted;
      return;
    case 'node_started':
      view.held.delete(line.node);
      view.running.set(line.node, newRunning(view, line, at));
      return;
    case 'node_step':
      change(view, line.node, () => ({step: line.what}));
      return;
    case 'node_progress':
      change(view, line.node, (node) => progressed(node, line.progress));
      return;
    case 'node_stalled':
      change(view, line.node, () => ({silentSeconds: line.silent_seconds}));
      return;
    case 'node_held':
      view.held.set(line.node, {label: line.label, why: line.why});
      return;
    case 'paused':
      view.pauses.set(line.by, {why: line.why});
      standStill(view, at);
      return;
    case 'resumed':
      view.pauses.delete(line.by);
      standStill(view, at);
      return;
    case 'temperature':
      view.temperature = line;
      view.isSensed ||= line.celsius !== null || line.pressure !== null;
      return;
    case 'node_ended':
      settle(view, line);
      return;
    case 'build_ended':
      view.endedAt = at;
      return;
    case 'machine':
    case 'node_stale':
    case 'node_kept':
    case 'report_made':
    case 'log_renewed':
    case 'node_restored':
    case 'node_warned':
      return;
    default:
      // A line of a later version: what is known of the rest still holds.
      line satisfies never;
  }
}

function newRunning(view: View, line: Extract<EventLine, {type: 'node_started'}>, at: number): RunningNode {
  const {label, rule, attempt, log_file: logFile, estimate} = line;
  const none = {
    done: {units: 0, seconds: 0},
    step: undefined,
    trials: undefined,
    epochs: undefined,
    best: undefined,
    silentSeconds: undefined,
  };
  return {label, rule, startedAt: at, pausedBefore: pausedUntil(view, at), attempt, logFile, estimate, ...none};
}

function change(view: View, id: string, changes: (node: RunningNode) => Partial<RunningNode>): void {
  const node = view.running.get(id);
  if (node !== undefined) view.running.set(id, {...node, ...changes(node)});
}

function progressed(node: RunningNode, progress: JsonObject): Partial<RunningNode> {
  const number = (name: string): number | undefined => (typeof progress[name] === 'number' ? progress[name] : undefined);
  const heard = {silentSeconds: undefined};
  switch (progress['event']) {
    case 'trial_started':
      return {...heard, epochs: undefined};
    case 'trial_ended': {
      const [ended, expected] = [number('ended') ?? 0, number('expected') ?? 0];
      return {
        ...heard,
        trials: {ended, expected},
        done: further(node, number('seconds')),
        epochs: undefined,
        best: number('best') ?? node.best,
      };
    }
    case 'epoch': {
      const [epoch, epochs, loss] = [number('epoch') ?? 0, number('epochs') ?? 0, number('val_loss')];
      // Of a search the trials say what is best; an epoch of a training is a result of its own.
      if (node.rule === 'hpo') return {...heard, epochs: {epoch, epochs}};
      const best = loss === undefined ? node.best : Math.min(loss, node.best ?? loss);
      return {...heard, epochs: {epoch, epochs}, done: further(node, number('seconds')), best};
    }
    default:
      return heard;
  }
}

function further({done}: RunningNode, seconds = 0): RunningNode['done'] {
  return {units: done.units + 1, seconds: done.seconds + seconds};
}

function settle(view: View, line: Extract<EventLine, {type: 'node_ended'}>): void {
  view.running.delete(line.node);
  view.held.delete(line.node);
  view.settled++;
  if (line.outcome.at === 'failed') view.failed++;
  if (line.outcome.at === 'blocked') view.blocked++;
  if (line.estimate !== null) view.settledEstimate = plus(view.settledEstimate, line.estimate, 1);
  else if (line.outcome.at !== 'done' || line.outcome.how !== 'fresh') view.settledUnknown++;
}

export function elapsedMs(view: View, now: number): number {
  return view.startedAt === undefined ? 0 : Math.max(0, (view.endedAt ?? now) - view.startedAt);
}

/** Milliseconds that a node worked: the time of pauses is none. */
export function workedMs(view: View, node: RunningNode, now: number): number {
  return Math.max(0, now - node.startedAt - (pausedUntil(view, now) - node.pausedBefore));
}

function standStill(view: View, at: number): void {
  const latest = [...view.pauses].at(-1);
  if (latest === undefined) view.pausedMs = pausedUntil(view, at);
  view.paused = latest && {by: latest[0], ...latest[1], since: view.paused?.since ?? at};
}

function pausedUntil({paused, pausedMs}: View, now: number): number {
  return pausedMs + (paused === undefined ? 0 : Math.max(0, now - paused.since));
}

/** No run of the same work takes exactly as long as the last one. */
const spread = 0.3;

export interface TimeLeft extends SecondsRange {
  /** Nodes of which nobody knows how long they will take: they come on top. */
  readonly unknown: number;
}

/**
 * Seconds until the last node ends, by the plan's estimates less what is done. Undefined where the plan has no estimate.
 *
 * Running nodes count by their own speed as soon as one trial or epoch is done. The rest is taken to run side by side as the plan
 * foresaw, but no faster than the slowest running node.
 */
export function timeLeft(view: View, now: number): TimeLeft | undefined {
  const estimate = view.run?.estimate;
  if (estimate === null || estimate === undefined || view.endedAt !== undefined) return undefined;
  const running = [...view.running.values()].map((node) => ({node, left: leftOf(node, workedMs(view, node, now) / 1000)}));
  let rest = plus(estimate.sequential, view.settledEstimate, -1);
  for (const {node} of running) if (node.estimate !== null) rest = plus(rest, node.estimate, -1);
  let whole = atLeast(rest, nothing);
  let longest = nothing;
  for (const {left} of running) {
    whole = plus(whole, left, 1);
    longest = atLeast(longest, left);
  }
  const sideBySide = Math.min(1, estimate.parallel.seconds / Math.max(estimate.sequential.seconds, 0.001));
  const known = running.filter(({node}) => node.estimate === null && node.done.units > 0).length;
  const unknown = Math.max(0, estimate.unknown - view.settledUnknown - known);
  return {...atLeast(times(whole, sideBySide), longest), unknown};
}

function leftOf(node: RunningNode, elapsed: number): SecondsRange {
  const {done, estimate} = node;
  // Its own pace, without what it took to begin.
  if (done.units > 0) {
    const seconds = (unitsLeft(node) * done.seconds) / done.units;
    return {seconds, low_seconds: seconds * (1 - spread), high_seconds: seconds * (1 + spread)};
  }
  const sofar = {seconds: elapsed, low_seconds: elapsed, high_seconds: elapsed};
  return estimate === null ? nothing : atLeast(plus(estimate, sofar, -1), nothing);
}

function unitsLeft({rule, trials, epochs}: RunningNode): number {
  const epochsLeft = epochs === undefined ? 0 : epochs.epochs - epochs.epoch;
  if (rule !== 'hpo' || trials === undefined) return epochsLeft;
  const inside = epochs === undefined || epochs.epochs === 0 ? 0 : epochs.epoch / epochs.epochs;
  return Math.max(0, trials.expected - trials.ended - inside);
}

function plus(left: SecondsRange, right: SecondsRange, sign: 1 | -1): SecondsRange {
  return {
    seconds: left.seconds + sign * right.seconds,
    low_seconds: left.low_seconds + sign * right.low_seconds,
    high_seconds: left.high_seconds + sign * right.high_seconds,
  };
}

function times({seconds, low_seconds: low, high_seconds: high}: SecondsRange, factor: number): SecondsRange {
  return {seconds: seconds * factor, low_seconds: low * factor, high_seconds: high * factor};
}

function atLeast(left: SecondsRange, right: SecondsRange): SecondsRange {
  return {
    seconds: Math.max(left.seconds, right.seconds),
    low_seconds: Math.max(left.low_seconds, right.low_seconds),
    high_seconds: Math.max(left.high_seconds, right.high_seconds),
  };
}
