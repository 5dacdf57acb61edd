// Closes attempts whose engine died: what is left of the job is ended, the attempt gets its one row, and its time is counted.
import {findAt, type JsonObject} from '../base/json.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {NodeId, ProjectPath} from '../base/ids.ts';
import {findJsonObject} from '../executors/progress-lines.ts';
import type {Node} from '../graph/node.ts';
import type {Instant} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import type {Processes} from '../host/processes.ts';
import type {LogRow} from '../results/log.ts';
import type {Began, Standing} from '../state/trace.ts';
import {leftBy} from './give-way.ts';
import {jobFilesOf} from './job-file.ts';
import {endLeftover} from './leftover.ts';
import {placeOf} from './keep.ts';
import {appendRow, closeRow} from './log-row.ts';
import {readResult} from './outputs.ts';
import {payRows} from './owed-rows.ts';
import type {RenewedLog} from './renew-log.ts';
import {isOurCode, type Session} from './session.ts';
import {isOfAttempt} from './stamped.ts';
import {removeTorn, removeTornRecords} from './torn.ts';
import {findWhatStands} from './what-stands.ts';

const message = 'the engine ended while it ran';

export interface Closing {
  /** Absent where jobs are no processes of this machine. */
  readonly processes?: Processes;
  /** Hears of logs that had to be begun anew for a row. */
  readonly tell?: (renewed: RenewedLog) => void;
}

/** An attempt that began and never ended. */
interface Open {
  readonly id: NodeId;
  /** Undefined where the study has no such node any more, or it is another study's. */
  readonly node: Node | undefined;
  readonly unfinished: Began;
  readonly standing: Standing;
}

/** At the start of a build, under the lock. Tells why no build may start. */
export async function closeUnfinished(session: Session, {processes, tell = () => undefined}: Closing = {}): Promise<readonly Diagnostic[]> {
  removeTornRecords(session.disk, session.clock.now());
  for (const renewed of await payRows(session)) tell(renewed);
  // Before anything is written: a leftover that still runs gives signs of life.
  const open = findOpen(session);
  if (open.length === 0) return [];
  const left =
    processes === undefined
      ? []
      : await Promise.all(open.map(({id, node}) => endLeftover(session, {id, label: node?.label ?? id}, processes)));
  const problems = left.filter((found) => found !== undefined);
  if (problems.length > 0) return problems;
  removeTorn(session.disk, {
    resultFolders: open.flatMap((attempt) => findResultFolder(session, attempt) ?? []),
    files: [
      session.study.paths.manifest,
      session.study.paths.report,
      ...open.flatMap(({node}) => node?.outputs.map(({path}) => path) ?? []),
    ],
  });
  const rowsOf = await rowReader(session);
  for (const attempt of open) {
    const renewed = await closeOne(session, attempt, rowsOf(logOf(session, attempt)));
    if (renewed !== undefined) tell(renewed);
  }
  return [];
}

function findOpen({graph, store}: Session): readonly Open[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return store.known().flatMap((id) => {
    const standing = store.standingOf(id);
    const {unfinished} = standing;
    const node = nodes.get(id);
    // What an earlier version began does not say where its row belongs: it waits for its own study.
    const isHandled = unfinished !== undefined && (node !== undefined || unfinished.places !== undefined);
    return isHandled ? [{id, node, unfinished, standing}] : [];
  });
}

// A data step writes one file beside those of others.
function findResultFolder(session: Session, {node, unfinished}: Open): ProjectPath | undefined {
  const place = unfinished.row === null ? undefined : (unfinished.places?.output ?? (node && placeOf(node)));
  return place === undefined || isOurCode(session, place) ? undefined : place;
}

function logOf(session: Session, {unfinished}: Open): ProjectPath {
  const rows = unfinished.places?.rows;
  return rows === undefined || isOurCode(session, rows) ? session.study.paths.log : rows;
}

async function closeOne(session: Session, attempt: Open, rows: readonly LogRow[]): Promise<RenewedLog | undefined> {
  let renewed: RenewedLog | undefined;
  const {id, node, unfinished, standing} = attempt;
  // Rows come before records: an attempt whose row is there ended, and the engine died before it could say so in the journal.
  const row = rows.find((candidate) => isOf(candidate, unfinished));
  const durationMs = row === undefined ? lastRunTimeOf(session, attempt) : (row.duration_seconds ?? 0) * 1000 - standing.spentMs;
  const spentMs = standing.spentMs + Math.max(0, durationMs);
  // A job may have finished its work without its engine: that is no interrupted run.
  const result = node === undefined ? undefined : readResult(session, node);
  const finished = node !== undefined && result !== undefined && isOfAttempt(session, node, unfinished, result) ? result : undefined;
  if (row === undefined && unfinished.row !== null) {
    const how =
      finished === undefined
        ? {status: 'interrupted' as const, reason: 'signal', message, result: {}}
        : {status: 'success' as const, reason: null, message: null, result: tellingOf(finished)};
    renewed = await appendRow(
      session,
      closeRow(unfinished.row, {...how, durationMs: spentMs, thermal: undefined}),
      logOf(session, attempt),
    );
  }
  const stands = node === undefined || finished !== undefined ? undefined : findWhatStands(session, node, unfinished.key);
  session.store.record({
    kind: 'ended',
    node: id,
    key: unfinished.key,
    at: session.clock.now(),
    durationMs: Math.max(0, durationMs),
    status: 'interrupted',
    reason: 'signal',
    message,
    began: unfinished.at,
    ...(node === undefined ? {} : {outputs: leftBy(session, node)}),
    ...(stands === undefined ? {} : {stands}),
  });
  return renewed;
}

/** What the job would have said at its end, as far as its result tells. */
function tellingOf(result: JsonObject): JsonObject {
  const at = (pointer: string): JsonObject[string] => findAt(result, pointer) ?? null;
  return {
    val_loss: at('/val/loss'),
    test_accuracy: at('/test/accuracy'),
    hyperparameters: at('/params'),
    param_count: at('/param_count'),
    val_windows: at('/samples/val/windows'),
  };
}

async function rowReader(session: Session): Promise<(log: ProjectPath) => readonly LogRow[]> {
  const {parseLog} = await import('../results/parse-log.ts');
  const read = new Map<ProjectPath, readonly LogRow[]>();
  return (log) => {
    const known = read.get(log) ?? parseLog(session.disk.readText(log) ?? '').rows;
    read.set(log, known);
    return known;
  };
}

function isOf(row: LogRow, {row: open, key, attempt}: Began): boolean {
  return (
    open !== null &&
    row.key === key &&
    row.attempt === attempt &&
    row.timestamp === open['timestamp'] &&
    row.experiment === open['experiment'] &&
    row.run_type === open['run_type'] &&
    row.seed === open['seed']
  );
}

function lastRunTimeOf(session: Session, attempt: Open): number {
  const until = lastSignOf(session, attempt);
  return until - attempt.unfinished.at - pausedMsOf(session, attempt.id, until);
}

function pausedMsOf({disk}: Session, id: NodeId, until: number): number {
  const paused = findJsonObject(disk.readText(jobFilesOf(id).paused)?.trimEnd() ?? '');
  const {ms, since} = paused ?? {};
  return (typeof ms === 'number' ? ms : 0) + (typeof since === 'number' ? Math.max(0, until - since) : 0);
}

// Nobody saw the end. What the job and its engine last wrote tells until when they lived; the time after that was dead, and nobody's.
function lastSignOf({disk, clock}: Session, {id, node, unfinished}: Open): number {
  const {at, places} = unfinished;
  const jobLog = places?.log ?? (node?.work.kind === 'job' ? node.work.job.logFile : undefined);
  const outputs = node?.outputs.map(({path}) => path) ?? [];
  const paths = [...outputs, jobLog, jobFilesOf(id).job, findStreamOf(disk, at)].filter((path) => path !== undefined);
  const signs = paths.map((path) => {
    const stat = disk.stat(path);
    return stat === 'missing' ? at : Number(stat.mtimeNs / 1_000_000n);
  });
  return Math.min(clock.now(), Math.max(at, ...signs));
}

/** The events of the build that began it: the last one that had started by then. Later builds, of whatever study, say nothing of it. */
function findStreamOf(disk: Disk, at: Instant): string | undefined {
  const names = disk.list('.ftsbuild/events');
  const until = `${new Date(at).toISOString().replaceAll(':', '')}.ndjson`;
  const name = names === 'missing' ? undefined : names.findLast((candidate) => candidate <= until);
  return name === undefined ? undefined : `.ftsbuild/events/${name}`;
}
