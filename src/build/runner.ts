// What running a node takes beside the session: executors, the Python host, listeners. One a build.
import type {ProjectPath} from '../base/ids.ts';
import type {Ending, Executor} from '../executors/executor.ts';
import type {EnvironmentWork, Node} from '../graph/node.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Resources} from '../host/resources.ts';
import type {Processes} from '../host/processes.ts';
import {manifestNow, type Verdict} from '../state/judge.ts';
import {keyOf} from '../state/manifest.ts';
import {adoptedAt} from './adopted.ts';
import {rememberCode} from './changes.ts';
import {effortOf, trainedBy} from './effort.ts';
import type {Listener, Outcome} from './events.ts';
import type {GitState} from './git.ts';
import type {Trace} from '../state/trace.ts';
import type {Session} from './session.ts';
import type {Supervisor} from './supervise.ts';
import type {Trouble} from './trouble.ts';
import type {Watchdog} from './watchdog.ts';

export interface Runner {
  readonly session: Session;
  /** Never throws: what a listener cannot do is trouble. */
  readonly listen: Listener;
  /** Set when the build is to end: running jobs are stopped, nothing new starts. */
  readonly interrupt: AbortSignal;
  /** Ends the build as an interrupt does. */
  readonly trouble: Trouble;
  /** Set when a person asked twice: running jobs are ended at once. */
  readonly kill: AbortSignal;
  /** Starts Python processes with the study's interpreter; made at the first use. */
  readonly python: () => Promise<Executor>;
  /** Jobs that start from now on load all packages anew; undefined where each loads its own. */
  readonly forgetPackages?: () => void;
  /** What is wrong with Python sources, as the study's interpreter sees it; empty when they compile. */
  readonly checkSyntax: (files: readonly {readonly path: string; readonly source: string}[]) => Promise<readonly Diagnostic[]>;
  readonly git: () => Promise<GitState>;
  readonly makeEnvironment: EnvironmentMaker;
  /** Says when jobs may start, and pauses and stops them for heat or at a person's word. */
  readonly supervisor: Supervisor;
  /** To tell which processes are jobs; undefined where jobs are no processes of this machine. */
  readonly processes?: Processes;
  /** What is free on this machine; undefined where nothing is to be refused for it. */
  readonly resources?: Resources;
  /** How many processes the system has killed for want of memory so far; undefined where it does not say. */
  readonly countOomKills?: () => number | undefined;
  /** Told of every job that starts and of every word that it says; undefined where no jobs run. */
  readonly watchdog?: Watchdog;
}

/** What putting results back takes: no process. */
export type Mover = Pick<Runner, 'session' | 'listen'>;

export interface MakingOptions {
  readonly logFile: string;
  /** Hears what it is at. */
  readonly say: (what: string) => void;
  /** Aborted, it ends at once, with all that it started. */
  readonly stop?: AbortSignal | undefined;
}

/** The text of the environment's record, or why there is none. */
export type MadeEnvironment = {readonly ok: true; readonly record: string} | {readonly ok: false; readonly message: string};

/** Makes or looks at the Python environment. */
export type EnvironmentMaker = (work: EnvironmentWork, options: MakingOptions) => Promise<MadeEnvironment>;

export type StaleVerdict = Extract<Verdict, {is: 'stale'}>;

/** Grace between SIGTERM and SIGKILL: a job saves its checkpoint in it. */
export const graceMs = 30_000;

export function describeEnding(ending: Ending): string {
  switch (ending.how) {
    case 'exited':
      return `it exited with status ${String(ending.status)}`;
    case 'signalled':
      return `it was ended by ${ending.signal}`;
    case 'not_started':
      return ending.message;
  }
}

export function failed(reason: string, message: string, logFile?: string): Outcome {
  return {at: 'failed', status: 'failed', reason, message, ...(logFile === undefined ? {} : {logFile})};
}

export function refused(reason: string, message: string): Outcome {
  return {at: 'failed', status: 'refused', reason, message};
}

/** Why a start came to nothing: an input changed after it was judged and before it was read (docs/design.md, "Freeze the plan"). */
export const changedReason = 'changed_underway';

export function changedUnderway(): Outcome {
  return {at: 'failed', status: 'interrupted', reason: changedReason, message: 'what it depends on changed while it started'};
}

/** Why a job was stopped that had said nothing for too long. */
export const stalledReason = 'stalled';

/** Why a job ended that nobody here ended: something else sent it SIGKILL. */
export const killedReason = 'killed';

/** Whether the node is no longer what was judged: then its key would name another result. */
export function isChangedUnderway({session}: Runner, node: Node, verdict: StaleVerdict): boolean {
  session.world.refresh();
  return keyOf(manifestNow(node, session.world, session.store.standingOf(node.id))) !== verdict.key;
}

/** What a run came to, by what the node was judged by when it began. */
export type Made = Pick<Trace, 'key' | 'manifest' | 'durationMs' | 'checked' | 'warned' | 'discovered'> & {
  /** Files beside the outputs that are looked after, too. */
  readonly sides?: readonly ProjectPath[];
  /** Of the attempt that ended so; absent where none ran. */
  readonly ms?: number;
};

/** Records a success: what the node depended on, and the digests of what came out. */
export function recordDone({session}: Pick<Runner, 'session'>, node: Node, made: Made): void {
  session.world.refresh();
  rememberCode(session, node, made.manifest);
  session.store.record(traceOf(session, node, made));
}

/** The trace of a run that ends now. */
export function traceOf(session: Session, node: Node, {key, manifest, durationMs, ms, checked, warned, discovered, sides}: Made): Trace {
  return {
    kind: 'done',
    node: node.id,
    key,
    how: 'ran',
    at: session.clock.now(),
    durationMs,
    manifest,
    outputs: node.outputs.map(({path}) => [path, session.world.digestOf(path)] as const),
    ...(sides === undefined ? {} : {sides: sides.map((path) => [path, session.world.digestOf(path)] as const)}),
    extent: Object.fromEntries(node.extent),
    effort: {...effortOf(node, session.store.standingOf(node.id), key), ...(ms === undefined ? {} : {ms}), ...trainedBy(session, node)},
    ...adoptedAt(session, node),
    ...(checked === undefined ? {} : {checked}),
    ...(warned === undefined ? {} : {warned}),
    ...(discovered === undefined ? {} : {discovered}),
  };
}
