// Runs one Python job from judged to recorded: gates, job file, process, outputs, log row.
import type {JsonObject} from '../base/json.ts';
import {formatDuration} from '../base/units.ts';
import type {Ending} from '../executors/executor.ts';
import type {JobWork, Node} from '../graph/node.ts';
import {recordDataset} from '../state/data-manifest.ts';
import {conditionsOf} from '../state/judge.ts';
import type {FailureStatus, Outcome} from './events.ts';
import {findRefusal} from './gates.ts';
import {describeFailure} from './plan-gates.ts';
import {findResourceFailures} from './resource-gates.ts';
import {writeJobFile, type JobFiles} from './job-file.ts';
import {keepRejected, keepSuperseded} from './keep.ts';
import {noteProcess} from './leftover.ts';
import {appendRow, closeRow, openRow} from './log-row.ts';
import {verifyOutputs} from './outputs.ts';
import type {Stall} from './watchdog.ts';
import {
  changedReason,
  changedUnderway,
  describeEnding,
  graceMs,
  isChangedUnderway,
  recordDone,
  refused,
  stalledReason,
  type Runner,
  type StaleVerdict,
} from './runner.ts';

export interface JobOptions {
  /** What a watchdog that may stop the job is to say of it: whether it is started once more. */
  readonly onStall: 'retry' | 'fail';
}

export async function runJob(
  runner: Runner,
  node: Node,
  work: JobWork,
  {verdict, onStall}: JobOptions & {readonly verdict: StaleVerdict},
): Promise<Outcome> {
  const {session} = runner;
  const shut = findShutGate(runner, node, work);
  if (shut !== undefined) return shut;
  const refusal = await findRefusal(session, work);
  if (refusal !== undefined)
    return end(runner, {node, work, verdict, startedAt: session.clock.now(), row: null, onStall}, {outcome: refusal, result: {}});
  const kept = keepSuperseded(session, node, verdict.key);
  if (kept !== undefined) runner.listen({type: 'node_kept', node, ...kept});
  const git = await runner.git();
  const standing = session.store.standingOf(node.id);
  const attempt = standing.attempts + 1;
  const files = writeJobFile(session, {node, work, key: verdict.key, manifest: verdict.manifest, attempt, git});
  if (isChangedUnderway(runner, node, verdict)) return changedUnderway();
  const startedAt = session.clock.now();
  const row = openRow(work, {at: startedAt, attempt, key: verdict.key, dataMd5: md5Of(runner, work), commit: git.commit});
  // Forgetting comes first: if we die while the job runs, the next build must not trust half-written outputs.
  session.store.record({kind: 'began', node: node.id, key: verdict.key, at: startedAt, attempt, row});
  const run: Run = {node, work, verdict, startedAt, row, onStall};
  runner.listen({type: 'node_started', node, attempt, at: startedAt, logFile: work.logFile});
  const ended = await startJob(runner, run, files);
  return end(runner, run, {outcome: await outcomeOf(runner, run, {...ended, files}), result: ended.result});
}

// Days may have passed since the whole plan was looked at. Nothing is recorded: the next start finds another machine.
function findShutGate({session, resources}: Runner, node: Node, work: JobWork): Outcome | undefined {
  if (resources === undefined || work.rule === 'data') return undefined;
  const failures = findResourceFailures(session, [{node, work}], resources);
  return failures.length === 0 ? undefined : refused('gate', failures.map(({diagnostic}) => describeFailure(diagnostic)).join('; '));
}

/** Reasons that say more of the machine at that moment than of the node: asked again, it may run. */
const momentary: ReadonlySet<string> = new Set(['too_large', 'no_device']);

interface Run {
  readonly node: Node;
  readonly work: JobWork;
  readonly verdict: StaleVerdict;
  readonly startedAt: number;
  readonly row: JsonObject | null;
  readonly onStall: 'retry' | 'fail';
}

interface Ended {
  readonly ending: Ending;
  readonly result: JsonObject;
  /** It was stopped for its silence. */
  readonly stall: Stall | undefined;
}

function md5Of({session}: Runner, work: JobWork): string | null {
  return work.data === undefined ? null : (session.world.findDataEntry(work.data)?.md5 ?? null);
}

async function startJob(runner: Runner, {node, work, onStall}: Run, files: JobFiles): Promise<Ended> {
  const {session, interrupt, kill} = runner;
  let result: JsonObject = {};
  const executor = await runner.python();
  // A warm job's process is known a moment after it was asked for: at its first word at the latest.
  let isNoted = runner.processes === undefined;
  const note = (): void => {
    if (isNoted || runner.processes === undefined || running.pid === undefined) return;
    isNoted = true;
    noteProcess(session, node, {pid: running.pid, processes: runner.processes});
  };
  const running = executor.start(
    {
      interpreter: interpreterOf(session),
      target: work.target.kind === 'script' ? {kind: 'script', path: session.disk.resolve(work.target.path)} : work.target,
      args: [],
      directory: session.disk.root,
      environment: {FTSBUILD_JOB: session.disk.resolve(files.job), PYTHONPATH: session.packageRoot, PYTHONUNBUFFERED: '1'},
      logFile: session.disk.resolve(work.logFile),
    },
    (progress) => {
      note();
      watched?.hear(progress);
      if (progress['event'] === 'result') result = progress;
      else runner.listen({type: 'node_progress', node, progress});
    },
  );
  note();
  let stall: Stall | undefined;
  // Data steps say nothing between their start and their end.
  const watched =
    work.rule === 'data'
      ? undefined
      : runner.watchdog?.watch((found) => {
          const stops = session.study.safety.watchdog.action === 'retry';
          runner.listen({type: 'node_stalled', node, ...found, action: stops ? onStall : 'report', at: session.clock.now()});
          if (!stops) return;
          stall = found;
          running.stop(graceMs);
        });
  const stop = (): void => {
    running.stop(graceMs);
  };
  const end = (): void => {
    running.stop(0);
  };
  if (interrupt.aborted) stop();
  interrupt.addEventListener('abort', stop, {once: true});
  kill.addEventListener('abort', end, {once: true});
  const ending = await running.ended;
  watched?.end();
  interrupt.removeEventListener('abort', stop);
  kill.removeEventListener('abort', end);
  return {ending, result, stall};
}

export function interpreterOf({study, disk}: Runner['session']): string {
  return study.python.kind === 'venv' ? disk.resolve(`${study.python.directory}/bin/python`) : study.python.path;
}

const statusOfExit: ReadonlyMap<number, FailureStatus> = new Map([
  [3, 'refused'],
  [4, 'partial'],
  [75, 'interrupted'],
]);

// Success is exit status 0, a last word that says so, outputs that are whole, and checks that hold: each of them, always.
async function outcomeOf(runner: Runner, run: Run, {ending, result, stall, files}: Ended & {readonly files: JobFiles}): Promise<Outcome> {
  const {node, work} = run;
  const logFile = work.logFile;
  const said = typeof result['message'] === 'string' ? result['message'] : undefined;
  const because = typeof result['reason'] === 'string' ? result['reason'] : undefined;
  if (ending.how !== 'exited' || ending.status !== 0) {
    if (stall !== undefined && !runner.interrupt.aborted)
      return {at: 'failed', status: 'failed', reason: stalledReason, message: describeStall(stall), logFile};
    // Nothing was spent, and the next start judges what is there then.
    const status =
      runner.interrupt.aborted || because === changedReason
        ? 'interrupted'
        : ending.how === 'exited'
          ? (statusOfExit.get(ending.status) ?? 'failed')
          : 'failed';
    return {
      at: 'failed',
      status,
      reason: because ?? (ending.how === 'exited' ? 'error' : ending.how === 'signalled' ? 'signal' : 'not_started'),
      message: said ?? describeEnding(ending),
      logFile,
    };
  }
  if (result['status'] !== 'success')
    return {at: 'failed', status: 'failed', reason: 'error', message: 'it exited with status 0 but reported no success', logFile};
  if (work.rule === 'data') return registerData(runner, run, files);
  runner.session.world.refresh();
  const verified = await verifyOutputs(runner.session, node, work, run.verdict.key);
  for (const diagnostic of verified.warnings) runner.listen({type: 'node_warned', node, diagnostic});
  if (verified.problems.length === 0) return {at: 'done', how: 'ran'};
  const kept = keepRejected(runner.session, work.output, run.verdict.key);
  runner.listen({type: 'node_kept', node, ...kept});
  return {
    at: 'failed',
    status: 'failed',
    reason: 'check',
    message: verified.problems.join('; '),
    logFile: logFile.replace(kept.path, kept.movedTo),
  };
}

function describeStall({silentMs, usualMs}: Stall): string {
  const usually = usualMs === 0 ? '' : `, usually ${formatDuration(usualMs)}`;
  return `it stalled: not a word for ${formatDuration(silentMs)}${usually}; memory may have been swapped out, or the machine throttled`;
}

function registerData(runner: Runner, {node, work}: Run, files: JobFiles): Outcome {
  const {session} = runner;
  const text = session.disk.readText(files.result);
  if (text === undefined)
    return {at: 'failed', status: 'failed', reason: 'error', message: 'it said nothing of the data that it made', logFile: work.logFile};
  const dataset = session.study.data.find(({path}) => path === work.output)?.name ?? work.output;
  recordDataset(session.disk, session.study.paths.manifest, {...(JSON.parse(text) as JsonObject), dataset});
  const [first] = node.outputs;
  if (first !== undefined && first.path !== work.output) session.disk.write(first.path, text);
  session.world.refresh();
  return {at: 'done', how: 'ran'};
}

async function end(runner: Runner, run: Run, {outcome, result}: {outcome: Outcome; result: JsonObject}): Promise<Outcome> {
  const {session} = runner;
  const {node, verdict, startedAt, row} = run;
  const at = session.clock.now();
  const spentMs = session.store.standingOf(node.id).spentMs;
  // The row first: should the engine die in between, the next start sees that the attempt has its row (`closeUnfinished`).
  if (row !== null) await appendRow(session, closeRow(row, {...rowEnding(outcome), durationMs: spentMs + at - startedAt, result}));
  if (outcome.at === 'done') recordDone(runner, node, {key: verdict.key, manifest: verdict.manifest, durationMs: spentMs + at - startedAt});
  if (outcome.at === 'failed') {
    const {reason, message} = outcome;
    const status = momentary.has(reason) ? 'interrupted' : outcome.status;
    const conditions = status === 'refused' ? {conditions: conditionsOf(node)} : {};
    session.store.record({
      kind: 'ended',
      node: node.id,
      key: verdict.key,
      at,
      durationMs: at - startedAt,
      status,
      reason,
      message,
      ...conditions,
    });
  }
  return outcome;
}

function rowEnding(outcome: Outcome): {
  status: 'success' | 'failed' | 'partial' | 'interrupted';
  reason: string | null;
  message: string | null;
} {
  if (outcome.at !== 'failed') return {status: 'success', reason: null, message: null};
  return {
    status: outcome.status === 'refused' ? 'failed' : outcome.status,
    reason: outcome.status === 'refused' && !momentary.has(outcome.reason) ? 'refused' : outcome.reason,
    message: outcome.message,
  };
}
