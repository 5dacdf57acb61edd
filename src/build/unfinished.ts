// Closes attempts whose engine died: what is left of the job is ended, the attempt gets its one row, and its time is counted.
import type {Diagnostic} from '../base/diagnostic.ts';
import {findJsonObject} from '../executors/progress-lines.ts';
import type {Node} from '../graph/node.ts';
import type {Processes} from '../host/processes.ts';
import type {LogRow} from '../results/log.ts';
import type {Began, Standing} from '../state/trace.ts';
import {jobFilesOf} from './job-file.ts';
import {endLeftover} from './leftover.ts';
import {appendRow, closeRow} from './log-row.ts';
import {payRows} from './owed-rows.ts';
import type {Session} from './session.ts';
import {removeTorn} from './torn.ts';

const message = 'the engine ended while it ran';

/** At the start of a build, under the lock. `processes` is absent where jobs are no processes of this machine. Tells why no build may start. */
export async function closeUnfinished(session: Session, nodes: readonly Node[], processes?: Processes): Promise<readonly Diagnostic[]> {
  await payRows(session);
  // Before anything is written: a leftover that still runs gives signs of life.
  const open = nodes.filter((node) => session.store.standingOf(node.id).unfinished !== undefined);
  if (open.length === 0) return [];
  const left = processes === undefined ? [] : await Promise.all(open.map((node) => endLeftover(session, node, processes)));
  const problems = left.filter((found) => found !== undefined);
  if (problems.length > 0) return problems;
  removeTorn(session, open);
  const rows = await readRows(session);
  for (const node of open) {
    const standing = session.store.standingOf(node.id);
    const {unfinished} = standing;
    if (unfinished !== undefined) await closeOne(session, node, {unfinished, standing, rows});
  }
  return [];
}

interface Open {
  readonly unfinished: Began;
  readonly standing: Standing;
  readonly rows: readonly LogRow[];
}

async function closeOne(session: Session, node: Node, {unfinished, standing, rows}: Open): Promise<void> {
  // Rows come before records: an attempt whose row is there ended, and the engine died before it could say so in the journal.
  const row = rows.find((candidate) => isOf(candidate, unfinished));
  const durationMs = row === undefined ? lastRunTimeOf(session, node, unfinished) : (row.duration_seconds ?? 0) * 1000 - standing.spentMs;
  const spentMs = standing.spentMs + Math.max(0, durationMs);
  if (row === undefined && unfinished.row !== null)
    await appendRow(
      session,
      closeRow(unfinished.row, {status: 'interrupted', durationMs: spentMs, reason: 'signal', message, result: {}, thermal: undefined}),
    );
  session.store.record({
    kind: 'ended',
    node: node.id,
    key: unfinished.key,
    at: session.clock.now(),
    durationMs: Math.max(0, durationMs),
    status: 'interrupted',
    reason: 'signal',
    message,
  });
}

async function readRows(session: Session): Promise<readonly LogRow[]> {
  const text = session.disk.readText(session.study.paths.log);
  if (text === undefined) return [];
  const {parseLog} = await import('../results/parse-log.ts');
  return parseLog(text).rows;
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

function lastRunTimeOf(session: Session, node: Node, began: Began): number {
  const until = lastSignOf(session, node, began);
  return until - began.at - pausedMsOf(session, node, until);
}

function pausedMsOf({disk}: Session, node: Node, until: number): number {
  const paused = findJsonObject(disk.readText(jobFilesOf(node).paused)?.trimEnd() ?? '');
  const {ms, since} = paused ?? {};
  return (typeof ms === 'number' ? ms : 0) + (typeof since === 'number' ? Math.max(0, until - since) : 0);
}

// Nobody saw the end. What the job and its engine last wrote tells until when they lived; the time after that was dead, and nobody's.
function lastSignOf(session: Session, node: Node, {at}: Began): number {
  const {disk, clock} = session;
  const log = node.work.kind === 'job' ? [node.work.job.logFile] : [];
  const events = disk.list('.ftsbuild/events');
  const lastEvents = events === 'missing' ? [] : events.slice(-1).map((name) => `.ftsbuild/events/${name}`);
  const paths = [...node.outputs.map(({path}) => path), ...log, jobFilesOf(node).job, ...lastEvents];
  const signs = paths.map((path) => {
    const stat = disk.stat(path);
    return stat === 'missing' ? at : Number(stat.mtimeNs / 1_000_000n);
  });
  return Math.min(clock.now(), Math.max(at, ...signs));
}
