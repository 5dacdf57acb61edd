// A build as a Chrome trace (Trace Event Format), which Perfetto opens: a slice per attempt of a node, trials and epochs inside, counters, pauses.
// Steps of the engine itself are known at their end only, and lie on tracks of their own.
import type {JsonObject} from '../base/json.ts';
import type {EventLine} from './event-line.ts';

/** Times are in microseconds since the first event. */
export type TraceEvent =
  | ({
      readonly ph: 'X';
      readonly name: string;
      readonly cat: string;
      readonly ts: number;
      readonly dur: number;
      readonly args: object;
    } & Track)
  | ({readonly ph: 'C'; readonly name: string; readonly ts: number; readonly args: object} & Track)
  | ({readonly ph: 'i'; readonly name: string; readonly ts: number; readonly s: 'g' | 't'; readonly args: object} & Track)
  | ({readonly ph: 'M'; readonly name: 'process_name' | 'thread_name' | 'thread_sort_index'; readonly args: object} & Track);

interface Track {
  readonly pid: number;
  readonly tid: number;
}

interface Attempt {
  readonly label: string;
  readonly rule: string;
  readonly attempt: number;
  readonly lane: number;
  readonly since: number;
  trial: {readonly number: number; readonly since: number; readonly params: object} | undefined;
  /** Just after the last epoch, trial or the attempt itself began or ended. */
  mark: number;
}

const pid = 1;
const buildTrack: Track = {pid, tid: 0};
const firstEngineLane = 1000;

/** Turns lines of the stream into trace events, which `write` gets in the order of their ends. */
export function chromeTrace(write: (event: TraceEvent) => void): (line: EventLine) => void {
  const trace = new Trace(write);
  return (line) => trace.follow(line);
}

class Trace {
  readonly #write: (event: TraceEvent) => void;
  #origin: number | undefined;
  #last = -2;
  readonly #running = new Map<string, Attempt>();
  readonly #named = new Set<number>();
  /** Engine lane -> when its last slice ended. */
  readonly #engineLanes: number[] = [];

  constructor(write: (event: TraceEvent) => void) {
    this.#write = write;
  }

  follow(line: EventLine): void {
    const now = this.#microseconds(line.time);
    switch (line.type) {
      case 'run':
        this.#write({ph: 'M', name: 'process_name', ...buildTrack, args: {name: `ftsbuild ${line.command}`, start: line.time}});
        return;
      case 'node_started':
        this.#start(line, now);
        return;
      case 'node_progress':
        this.#progress(line.node, line.progress, now);
        return;
      case 'node_ended':
        this.#end(line, now);
        return;
      case 'temperature':
        if (line.celsius !== null) this.#write({ph: 'C', name: 'temperature', ts: now, ...buildTrack, args: {celsius: line.celsius}});
        return;
      case 'paused':
      case 'resumed':
        this.#write({ph: 'i', name: `${line.type} (${line.by})`, ts: now, s: 'g', ...buildTrack, args: {why: line.why}});
        return;
      case 'node_stalled': {
        const tid = this.#running.get(line.node)?.lane ?? 0;
        this.#write({ph: 'i', name: 'stalled', ts: now, s: 't', pid, tid, args: {silent_seconds: line.silent_seconds}});
        return;
      }
      case 'build_ended':
        // What the build left running ends with it.
        for (const node of [...this.#running.keys()]) this.#close(node, now, {});
        return;
      default:
        return;
    }
  }

  // Strictly rising, although the stream has milliseconds and a clock can be set back: slices that begin together would not nest.
  #microseconds(time: string): number {
    const at = Date.parse(time);
    this.#origin ??= at;
    this.#last = Math.max(this.#last + 2, Math.round((at - this.#origin) * 1000));
    return this.#last;
  }

  #start(line: Extract<EventLine, {type: 'node_started'}>, now: number): void {
    // Started again without an end: the attempt before ends here.
    this.#close(line.node, now, {});
    const lane = this.#freeLane();
    this.#name(lane, `slot ${String(lane)}`);
    const {label, rule, attempt} = line;
    this.#running.set(line.node, {label, rule, attempt, lane, since: now, trial: undefined, mark: now + 1});
    this.#count(now);
  }

  #freeLane(): number {
    const taken = new Set([...this.#running.values()].map(({lane}) => lane));
    let lane = 1;
    while (taken.has(lane)) lane++;
    return lane;
  }

  #progress(id: string, progress: JsonObject, now: number): void {
    const attempt = this.#running.get(id);
    if (attempt === undefined) return;
    const {event, ...args} = progress;
    if (event === 'trial_started') {
      this.#endTrial(attempt, now, {});
      attempt.trial = {number: Number(progress['trial']), since: now, params: {params: progress['params'] ?? {}}};
      attempt.mark = now + 1;
    } else if (event === 'trial_ended') {
      attempt.trial ??= {number: Number(progress['trial']), since: attempt.mark, params: {}};
      this.#endTrial(attempt, now, args);
    } else if (event === 'epoch') {
      this.#slice(attempt.lane, `epoch ${String(Number(progress['epoch']))}`, 'epoch', {since: attempt.mark, now, args});
      attempt.mark = now + 1;
    }
  }

  #endTrial(attempt: Attempt, now: number, args: object): void {
    const {trial, lane} = attempt;
    if (trial === undefined) return;
    this.#slice(lane, `trial ${String(trial.number)}`, 'trial', {since: trial.since, now, args: {...trial.params, ...args}});
    attempt.trial = undefined;
    attempt.mark = now + 1;
  }

  #end(line: Extract<EventLine, {type: 'node_ended'}>, now: number): void {
    if (this.#running.has(line.node)) {
      this.#close(line.node, now, {outcome: line.outcome});
      return;
    }
    const isNothing = line.outcome.at === 'blocked' || (line.outcome.at === 'done' && line.outcome.how === 'fresh');
    if (isNothing) return;
    const since = Math.max(0, now - Math.round(line.duration_seconds * 1e6));
    const place = this.#engineLanes.findIndex((end) => end <= since);
    const index = place < 0 ? this.#engineLanes.length : place;
    this.#engineLanes[index] = now;
    const lane = firstEngineLane + index;
    this.#name(lane, `engine ${String(index + 1)}`);
    this.#slice(lane, line.label, line.rule, {since, now, args: {outcome: line.outcome}});
  }

  #close(id: string, now: number, args: object): void {
    const attempt = this.#running.get(id);
    if (attempt === undefined) return;
    this.#endTrial(attempt, now, {});
    const {lane, label, rule, since} = attempt;
    this.#slice(lane, label, rule, {since, now, args: {attempt: attempt.attempt, ...args}});
    this.#running.delete(id);
    this.#count(now);
  }

  #slice(tid: number, name: string, cat: string, {since, now, args}: {since: number; now: number; args: object}): void {
    this.#write({ph: 'X', name, cat, ts: since, dur: Math.max(0, now - since), pid, tid, args});
  }

  #count(now: number): void {
    this.#write({ph: 'C', name: 'running nodes', ts: now, ...buildTrack, args: {nodes: this.#running.size}});
  }

  #name(tid: number, name: string): void {
    if (this.#named.has(tid)) return;
    this.#named.add(tid);
    this.#write({ph: 'M', name: 'thread_name', pid, tid, args: {name}});
    this.#write({ph: 'M', name: 'thread_sort_index', pid, tid, args: {sort_index: tid}});
  }
}
