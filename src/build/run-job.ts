// Runs one Python job from judged to recorded: gates, job file, process, outputs, log row.
import type {JsonObject} from '../base/json.ts';
import {formatDuration} from '../base/units.ts';
import type {Ending} from '../executors/executor.ts';
import type {JobWork, Node} from '../graph/node.ts';
import type {RunStatus} from '../results/log.ts';
import {cautionsIn, recordDataset} from '../state/data-manifest.ts';
import {checksOf, conditionsOf} from '../state/judge.ts';
import type {Began, Trace} from '../state/trace.ts';
import {checkedAs} from './checks.ts';
import {
  cautionOfOutsider,
  describeChanged,
  discoveredBy,
  findChangedOutsider,
  noteDiscovered,
  outsideKeyReason,
  ranEdited,
  readOutsiders,
} from './discovered.ts';
import type {FailureStatus, Outcome} from './events.ts';
import {findRefusal} from './gates.ts';
import {describeFailure} from './plan-gates.ts';
import {cautionOf} from './input-gates.ts';
import {rawPathOf} from './raw-data.ts';
import {findResourceFailures} from './resource-gates.ts';
import {keepEdits, leftBy} from './give-way.ts';
import {writeJobFile, type JobFiles} from './job-file.ts';
import {keepBroken, keepFailed, keepSuperseded, setAside} from './keep.ts';
import {noteProcess} from './leftover.ts';
import {closeRow, openRow} from './log-row.ts';
import {verifyOutputs} from './outputs.ts';
import {logAttempt} from './owed-rows.ts';
import type {ThermalRecord} from './supervise.ts';
import type {Stall} from './watchdog.ts';
import {disownTrials} from './trial-cache.ts';
import {findWhatStands} from './what-stands.ts';
import {
  changedReason,
  changedUnderway,
  describeEnding,
  failed,
  isChangedUnderway,
  killedReason,
  recordDone,
  refused,
  traceOf,
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
  // No attempt: it has no row, and the next build finds it again by the same numbers.
  const refusal = findRefusal(session, work);
  if (refusal !== undefined) return refused(refusal.reason, refusal.message);
  const isAgain = verdict.reason.because === 'forced' && session.store.standingOf(node.id).trace !== undefined;
  const kept = isAgain ? setAside(session, node) : keepSuperseded(session, node, verdict.key);
  if (kept !== undefined) runner.listen({type: 'node_kept', node, ...kept});
  for (const edit of keepEdits(session, node)) runner.listen({type: 'node_kept', node, ...edit});
  const git = await runner.git();
  const standing = session.store.standingOf(node.id);
  const attempt = standing.attempts + 1;
  const files = writeJobFile(session, {node, work, key: verdict.key, manifest: verdict.manifest, attempt, git});
  if (isChangedUnderway(runner, node, verdict)) return changedUnderway();
  const startedAt = session.clock.now();
  const row = openRow(work, {at: startedAt, attempt, key: verdict.key, dataMd5: md5Of(runner, work), commit: git.commit});
  // Forgetting comes first: if we die while the job runs, the next build must not trust half-written outputs.
  session.store.record({kind: 'began', node: node.id, key: verdict.key, at: startedAt, attempt, row, places: placesOf(runner, work)});
  const run: Run = {node, work, verdict, since: session.clock.elapsed(), row, onStall};
  runner.listen({type: 'node_started', node, attempt, at: startedAt, logFile: work.logFile});
  const finished = await startJob(runner, run, files);
  return end(runner, run, {...finished, ...(await judgeEnd(runner, run, {...finished, files}))});
}

function placesOf({session}: Runner, {logFile, output}: JobWork): NonNullable<Began['places']> {
  return {rows: session.study.paths.log, log: logFile, output};
}

// Days may have passed since the whole plan was looked at. Nothing is recorded: the next start finds another machine.
function findShutGate({session, resources}: Runner, node: Node, work: JobWork): Outcome | undefined {
  if (resources === undefined || work.rule === 'data') return undefined;
  const failures = findResourceFailures(session, [{node, work}], resources);
  return failures.length === 0 ? undefined : refused('gate', failures.map(({diagnostic}) => describeFailure(diagnostic)).join('; '));
}

/** Reasons that say more of the machine at that moment than of the node: asked again, it may run. */
const momentary: ReadonlySet<string> = new Set(['too_large', 'no_device', 'clock']);

interface Run {
  readonly node: Node;
  readonly work: JobWork;
  readonly verdict: StaleVerdict;
  /** By the clock that nobody sets. */
  readonly since: number;
  readonly row: JsonObject | null;
  readonly onStall: 'retry' | 'fail';
}

function md5Of({session}: Runner, work: JobWork): string | null {
  return work.data === undefined ? null : (session.world.findDataEntry(work.data)?.md5 ?? null);
}

interface Finished {
  readonly ending: Ending;
  /** The job's last word. */
  readonly result: JsonObject;
  readonly thermal: ThermalRecord;
  /** By whom it was killed, where nobody here did it. */
  readonly killed: 'from_outside' | 'for_memory' | undefined;
  /** Why the watchdog stopped it. */
  readonly stall: Stall | undefined;
}

async function startJob(runner: Runner, {node, work, onStall}: Run, files: JobFiles): Promise<Finished> {
  const {session, interrupt, kill, trouble} = runner;
  let result: JsonObject = {};
  const executor = await runner.python();
  // A warm job's process is known a moment after it was asked for: at its first word at the latest.
  let isNoted = runner.processes === undefined;
  const note = (): void => {
    if (isNoted || runner.processes === undefined || running.pid === undefined) return;
    isNoted = true;
    const known = {pid: running.pid, processes: runner.processes};
    trouble.guard(() => noteProcess(session, node, known));
  };
  const killsBefore = runner.countOomKills?.();
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
      supervised.hear(progress);
      watched?.hear(progress);
      if (progress['event'] === 'result') result = progress;
      else runner.listen({type: 'node_progress', node, progress});
    },
  );
  note();
  const supervised = runner.supervisor.watch(node, {
    running,
    tell: (word) => trouble.guard(() => session.disk.write(files.control, `${word}\n`)),
    notePaused: (paused) => trouble.guard(() => session.disk.write(files.paused, `${JSON.stringify(paused)}\n`)),
  });
  let stall: Stall | undefined;
  // Data steps say nothing between their start and their end.
  const watched =
    work.rule === 'data'
      ? undefined
      : runner.watchdog?.watch((found) => {
          // Who was told to end has a time limit already.
          if (supervised.isStopping) return;
          const stops = session.study.safety.watchdog.action === 'retry';
          runner.listen({type: 'node_stalled', node, ...found, action: stops ? onStall : 'report', at: session.clock.now()});
          if (!stops) return;
          stall = found;
          supervised.stop();
        });
  const stop = (): void => supervised.stop();
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
  const isOurs = supervised.isStopping || interrupt.aborted || kill.aborted || stall !== undefined;
  const isKilled = ending.how === 'signalled' && ending.signal === 'SIGKILL' && !isOurs;
  // Of whom it was is not said: where in doubt, it was this one, and going on would only fill the memory again.
  const killed = !isKilled ? undefined : runner.countOomKills?.() === killsBefore ? 'from_outside' : 'for_memory';
  return {ending, result, stall, killed, thermal: supervised.end()};
}

export function interpreterOf({study, disk}: Runner['session']): string {
  const {python} = study;
  if (python.kind === 'venv') return disk.resolve(`${python.directory}/bin/python`);
  // A name alone is looked for where commands are; a path is one from the workspace.
  return python.path.includes('/') ? disk.resolve(python.path) : python.path;
}

const statusOfExit: ReadonlyMap<number, FailureStatus> = new Map([
  [3, 'refused'],
  [4, 'partial'],
  [75, 'interrupted'],
]);

type Failed = Extract<Outcome, {at: 'failed'}>;

interface Judged {
  readonly outcome: Outcome;
  /** What of a success its checks said. */
  readonly checked?: Pick<Trace, 'checked' | 'warned'>;
  /** What decided the end, where it would end so again. */
  readonly conditions?: string;
}

type Exit = Finished & {readonly files: JobFiles};

// Success is exit status 0, a last word that says so, outputs that are whole, and checks that hold: each of them, always.
async function judgeEnd(runner: Runner, run: Run, exit: Exit): Promise<Judged> {
  const outcome = outcomeOf(runner, run, exit);
  if (outcome.at === 'failed' && ranEdited(exit.result)) return {outcome: setEditedAside(runner, run, outcome)};
  if (outcome.at === 'failed' && outcome.status === 'refused') return {outcome, conditions: conditionsOf(run.node)};
  if (outcome.at !== 'done' || run.work.rule === 'data') return {outcome};
  return refuseOutsiders(runner, run, exit.result) ?? judgeOutputs(runner, run, exit);
}

// Kept to be looked at, and gone on with by nobody; nor are its trials looked up.
function setEditedAside({session, listen}: Runner, {node, work, verdict}: Run, outcome: Failed): Failed {
  const kept = keepBroken(session, work.output, verdict.key);
  if (node.rule === 'hpo') disownTrials(session, verdict.manifest);
  listen({type: 'node_kept', node, ...kept});
  return {...outcome, logFile: work.logFile.replace(kept.path, kept.movedTo)};
}

// What it imported late is recorded with the result; where that has changed since, nobody can say what the result was made with.
function refuseOutsiders({session, listen}: Runner, {node, work, verdict}: Run, result: JsonObject): Judged | undefined {
  const outsiders = readOutsiders(result);
  session.world.refresh();
  const changed = findChangedOutsider(session, outsiders);
  if (changed !== undefined) {
    const kept = keepBroken(session, work.output, verdict.key);
    listen({type: 'node_kept', node, ...kept});
    return {outcome: failed(outsideKeyReason, describeChanged(changed), work.logFile.replace(kept.path, kept.movedTo))};
  }
  for (const outsider of outsiders) listen({type: 'node_warned', node, diagnostic: cautionOfOutsider(outsider)});
  return undefined;
}

function outcomeOf(runner: Runner, run: Run, {ending, result, stall, killed, thermal, files}: Exit): Outcome {
  const {work} = run;
  const logFile = work.logFile;
  const said = typeof result['message'] === 'string' ? result['message'] : undefined;
  const because = typeof result['reason'] === 'string' ? result['reason'] : undefined;
  if (ending.how !== 'exited' || ending.status !== 0) {
    if (thermal.aborted !== undefined) return {at: 'failed', status: 'thermal_abort', reason: 'heat', message: thermal.aborted, logFile};
    if (stall !== undefined && !runner.interrupt.aborted)
      return {at: 'failed', status: 'failed', reason: stalledReason, message: describeStall(stall), logFile};
    if (killed !== undefined) return {at: 'failed', status: 'failed', ...describeKilled(killed), logFile};
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
  return work.rule === 'data' ? registerData(runner, run, files) : {at: 'done', how: 'ran'};
}

async function judgeOutputs({session, listen}: Runner, {node, work, verdict, since}: Run, exit: Exit): Promise<Judged> {
  const verified = await verifyOutputs(session, node, work, verdict.key);
  for (const diagnostic of verified.warnings) listen({type: 'node_warned', node, diagnostic});
  if (verified.problems.length === 0) return {outcome: {at: 'done', how: 'ran'}, checked: checkedAs(node, verified)};
  const message = verified.problems.join('; ');
  const {spentMs} = session.store.standingOf(node.id);
  const ms = session.clock.elapsed() - since - exit.thermal.pausedMs;
  const discovered = discoveredBy(session, node, readOutsiders(exit.result));
  const trace = traceOf(session, node, {...verdict, durationMs: spentMs + ms, ms, ...discovered});
  const kept = verified.isBroken ? keepBroken(session, work.output, verdict.key) : keepFailed(session, work.output, {node, trace, message});
  listen({type: 'node_kept', node, ...kept});
  const outcome = failed('check', message, work.logFile.replace(kept.path, kept.movedTo));
  // A result that is no result may be the disk's fault, and is made again; one on which a check does not hold would come out the same.
  return verified.isBroken ? {outcome} : {outcome, conditions: checksOf(node)};
}

function describeKilled(by: 'from_outside' | 'for_memory'): {readonly reason: string; readonly message: string} {
  if (by === 'from_outside') return {reason: killedReason, message: 'it was killed from outside (SIGKILL)'};
  const way = 'what is there is kept, and the next build goes on with it; make room, or take a smaller model or batch';
  return {reason: 'out_of_memory', message: `it was killed (SIGKILL) while the system ran out of memory: ${way}`};
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
  const dataset = session.study.data.find((one) => one.path === work.output);
  const record = {...(JSON.parse(text) as JsonObject), dataset: dataset?.name ?? work.output};
  const path = (dataset && rawPathOf(dataset)) ?? work.output;
  const kept = recordDataset(session.disk, session.study.paths.manifest, record);
  if (kept !== undefined) runner.listen({type: 'node_kept', node, ...kept});
  for (const {message} of cautionsIn(record)) runner.listen({type: 'node_warned', node, diagnostic: cautionOf(path, message)});
  const [first] = node.outputs;
  if (first !== undefined && first.path !== work.output) session.disk.write(first.path, text);
  session.world.refresh();
  return {at: 'done', how: 'ran'};
}

async function end(
  runner: Runner,
  run: Run,
  {outcome, checked, conditions, result, thermal}: Judged & {readonly result: JsonObject; readonly thermal: ThermalRecord},
): Promise<Outcome> {
  const {session} = runner;
  const {node, verdict, since, row} = run;
  const at = session.clock.now();
  // Time in which it stood still is nobody's run time.
  const durationMs = session.clock.elapsed() - since - thermal.pausedMs;
  const spentMs = session.store.standingOf(node.id).spentMs + durationMs;
  // The row first: should the engine die in between, the next start sees that the attempt has its row (`closeUnfinished`).
  if (row !== null) await logAttempt(runner, closeRow(row, {...rowEnding(outcome), durationMs: spentMs, result, thermal}));
  const discovered = noteDiscovered(session, node, verdict.manifest, readOutsiders(result));
  if (outcome.at === 'done') recordDone(runner, node, {...verdict, durationMs: spentMs, ms: durationMs, ...checked, ...discovered});
  if (outcome.at === 'failed') {
    const {reason, message} = outcome;
    // To go on later, that is what it is: interrupted, for the heat or for what the machine lacked.
    const status = momentary.has(reason) || outcome.status === 'thermal_abort' ? 'interrupted' : outcome.status;
    const stands = findWhatStands(session, node, verdict.key);
    session.store.record({
      kind: 'ended',
      node: node.id,
      key: verdict.key,
      at,
      durationMs,
      status,
      reason,
      message,
      outputs: leftBy(session, node),
      ...(conditions === undefined ? {} : {conditions}),
      ...(stands === undefined ? {} : {stands}),
      ...discovered,
    });
  }
  return outcome;
}

function rowEnding(outcome: Outcome): {
  status: RunStatus;
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
