// Judges a ready node and, where it is stale, runs it by the kind of its work.
import {unreachable} from '../base/unreachable.ts';
import {warning} from '../base/diagnostic.ts';
import type {Node} from '../graph/node.ts';
import {TemplateError} from '../results/template.ts';
import {checksOf, type Verdict} from '../state/judge.ts';
import type {Outcome} from './events.ts';
import {recordRecognised} from './recognise.ts';
import {describeRejection, type Rejected} from './checks.ts';
import {keepFailed, partFromOthers} from './keep.ts';
import {mendLog} from './lost-log.ts';
import {findRemnant, resume} from './remnant.ts';
import {findRejected, findSource, restore, type Source} from './restore.ts';
import type {RenewEnvironment} from './renew-environment.ts';
import {runEnvironment} from './run-environment.ts';
import {runInternal} from './run-internal.ts';
import {runJob, type JobOptions} from './run-job.ts';
import {runReport} from './run-report.ts';
import {changedReason, failed, killedReason, refused, stalledReason, type Runner, type StaleVerdict} from './runner.ts';
import {forced, judgeNow, judgeReport} from './verdicts.ts';

export type Judged =
  | {readonly settled: true; readonly outcome: Outcome}
  /** With `source`, its results are there already and only have to be put at their place. */
  | {readonly settled: false; readonly verdict: StaleVerdict; readonly source?: Source};

/** Cheap: nothing runs. A node that need not run is settled here and now. */
export function judgeReady(runner: Runner, node: Node, always: boolean): Judged {
  const {session} = runner;
  session.world.refresh();
  const verdict = node.work.kind === 'report' ? judgeReport(session, node) : judgeNow(session, node);
  if (always) return {settled: false, verdict: forced(verdict)};
  if (verdict.is === 'refused') return {settled: true, outcome: refused('refused', verdict.message)};
  if (verdict.is === 'rejected') return {settled: true, outcome: reject(runner, node, verdict)};
  if (verdict.is === 'stale') {
    const source = findSource(session, node, verdict);
    if (source === undefined) return {settled: false, verdict};
    const rejected = findRejected(session, node, verdict, source);
    return rejected === undefined ? {settled: false, verdict, source} : {settled: true, outcome: reject(runner, node, rejected)};
  }
  return {settled: true, outcome: keepFresh(runner, node, verdict)};
}

function keepFresh({session, listen}: Runner, node: Node, verdict: Extract<Verdict, {is: 'fresh'}>): Outcome {
  partFromOthers(session, node);
  mendLog(session, node, verdict.trace);
  const before = session.store.standingOf(node.id).trace;
  if (verdict.trace === before) return {at: 'done', how: 'fresh'};
  for (const message of verdict.trace.warned ?? []) listen({type: 'node_warned', node, diagnostic: warning('FTS511', message)});
  recordRecognised(session, node, verdict);
  // What is on record already was only checked again.
  return {at: 'done', how: before?.at === verdict.trace.at ? 'fresh' : 'recognised'};
}

// Results at the node's place are set aside; what lies elsewhere stays there.
function reject({session, listen}: Runner, node: Node, verdict: Rejected): Outcome {
  const {key, manifest, message, trace} = verdict;
  if (trace !== undefined && node.work.kind === 'job') {
    recordRecognised(session, node, {is: 'fresh', key, manifest, trace});
    const made = session.store.standingOf(node.id).trace ?? trace;
    listen({type: 'node_kept', node, ...keepFailed(session, node.work.job.output, {node, trace: made, message})});
    const conditions = checksOf(node);
    const at = session.clock.now();
    session.store.record({kind: 'ended', node: node.id, key, at, durationMs: 0, status: 'failed', reason: 'check', message, conditions});
    session.world.refresh();
  }
  return failed('check', describeRejection(verdict));
}

export interface StartOptions {
  /** It runs although it is fresh. */
  readonly always: boolean;
  /** Called where a job found something else than was judged: that may be the environment. */
  readonly renewEnvironment: RenewEnvironment;
}

/**
 * Judged again at the moment it starts: it may have waited for a slot while files changed. Where something changed even between that and its
 * being read, it is judged once more; where it was stopped because it had stalled, it goes on once more from what it has saved. Each attempt
 * waits for the machine and for a person's pause as the first one did.
 */
export async function runNode(runner: Runner, node: Node, {always, renewEnvironment}: StartOptions): Promise<Outcome> {
  const outcome = await runThroughKills(runner, node, always);
  const reason = outcome.at === 'failed' && !runner.interrupt.aborted ? outcome.reason : undefined;
  if (reason !== changedReason && reason !== stalledReason) return outcome;
  const broken = reason === changedReason && node.work.kind === 'job' ? await renewEnvironment() : undefined;
  if (broken !== undefined) return broken;
  const refusal = await runner.supervisor.beforeNextAttempt(node);
  if (refusal !== undefined) return refusal === 'halted' ? outcome : refusal;
  if (reason === changedReason) return judgeAndRun(runner, node, {always, onStall: 'retry'});
  return judgeAndRun(runner, node, {always: false, onStall: 'fail'});
}

// Killed from outside it goes on from what it has saved, as often as the study says; each time it is judged anew.
async function runThroughKills(runner: Runner, node: Node, always: boolean): Promise<Outcome> {
  let outcome = await judgeAndRun(runner, node, {always, onStall: 'retry'});
  for (let left = runner.session.study.safety.retryKilled; left > 0; left -= 1) {
    if (outcome.at !== 'failed' || outcome.reason !== killedReason || runner.interrupt.aborted) return outcome;
    const refusal = await runner.supervisor.beforeNextAttempt(node);
    if (refusal !== undefined) return refusal === 'halted' ? outcome : refusal;
    outcome = await judgeAndRun(runner, node, {always: false, onStall: 'retry'});
  }
  return outcome;
}

async function judgeAndRun(runner: Runner, node: Node, {always, onStall}: JobOptions & {readonly always: boolean}): Promise<Outcome> {
  let judged = judgeReady(runner, node, always);
  if (judged.settled) return judged.outcome;
  if (judged.source !== undefined) return restore(runner, node, judged.verdict, judged.source);
  const remnant = findRemnant(runner.session, node, judged.verdict);
  if (remnant !== undefined) {
    resume(runner, node, judged.verdict, remnant);
    judged = judgeReady(runner, node, always);
    if (judged.settled) return judged.outcome;
  }
  const {verdict} = judged;
  if (verdict.reason.because === 'input_missing') return refused('bad_input', describeMissing(runner, verdict.reason.path));
  runner.listen({type: 'node_stale', node, reason: verdict.reason});
  switch (node.work.kind) {
    case 'job':
      return runJob(runner, node, node.work.job, {verdict, onStall});
    case 'environment':
      return runEnvironment(runner, node, node.work.environment, verdict);
    case 'internal':
      return whileRendering(node, runInternal(runner, node, node.work, verdict));
    case 'report':
      return whileRendering(node, runReport(runner, node, verdict));
    default:
      return unreachable(node.work);
  }
}

function describeMissing({session}: Runner, path: string): string {
  return session.disk.stat(path) === 'missing' ? `${path} is missing, and nothing makes it` : `${path} is no plain file`;
}

/** A template may be a person's own: what is wrong in it fails the node. */
async function whileRendering(node: Node, run: Promise<Outcome>): Promise<Outcome> {
  try {
    return await run;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const all = [...node.params.keys()].filter((name) => name.startsWith('template '));
    const templates = error.template === undefined ? all : [`template ${error.template}`];
    const place = error.place === undefined ? '' : ` (line ${String(error.place.line)})`;
    return failed('bad_input', `${templates.join(' or ')} cannot be rendered: ${error.message}${place}`);
  }
}
