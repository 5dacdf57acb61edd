// Takes results that lie there as those of today's key, by a person's word: checked first, stamped, and recorded with the reason.
import {canonicalText, isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {validateResult} from '../config/results.ts';
import type {Node} from '../graph/node.ts';
import {isOfATrial, markTrials} from './adopted.ts';
import {rememberCode} from './changes.ts';
import {checkedAs, findChecked} from './checks.ts';
import {trialsIn} from './effort.ts';
import {traceOf} from './runner.ts';
import {identityProblems, readResult, verifyOutputs} from './outputs.ts';
import {recordRecognised} from './recognise.ts';
import {keepClaim, placeOf} from './keep.ts';
import type {Session} from './session.ts';
import {judgeNow} from './verdicts.ts';

export type Adoption =
  | {readonly is: 'adopted'; readonly key: string}
  | {readonly is: 'fresh'}
  /** Made by hand from what today's key names: nobody's word is needed. */
  | {readonly is: 'recognised'}
  | {readonly is: 'refused'; readonly problems: readonly string[]};

/** Searches, borrows and trainings: everything else is made, not adopted. */
export function isResult(node: Node): boolean {
  return placeOf(node) !== undefined;
}

/** Call it for producers first: a training's key is over the best parameters that lie there. */
export async function adopt(session: Session, node: Node, reason: string): Promise<Adoption> {
  session.world.refresh();
  const verdict = judgeNow(session, node);
  if (verdict.is === 'fresh') {
    if (verdict.trace === session.store.standingOf(node.id).trace) return {is: 'fresh'};
    recordRecognised(session, node, verdict);
    return {is: 'recognised'};
  }
  if (verdict.is === 'stale' && verdict.reason.because === 'input_missing')
    return {is: 'refused', problems: [`${verdict.reason.path} is missing: without it there is no key to adopt under`]};
  const problems = await findProblems(session, node);
  if (problems.length > 0) return {is: 'refused', problems};
  const [first] = node.outputs;
  const result = readResult(session, node);
  if (first === undefined || result === undefined) throw new Error(`unreachable: ${node.id} was checked and has no result`);
  keepClaim(session, node);
  const {trials = null} = trialsIn(node, result).effort ?? {};
  session.disk.write(first.path, `${JSON.stringify({...result, key: verdict.key, adopted: {trials, reason}}, null, 2)}\n`);
  const lines = node.outputs.find(({path}) => path.endsWith('/trials.jsonl'))?.path;
  if (lines !== undefined) session.disk.write(lines, markTrials(session.disk.readText(lines) ?? ''));
  session.world.refresh();
  rememberCode(session, node, verdict.manifest);
  const seconds = result['duration_seconds'];
  const made = {key: verdict.key, manifest: verdict.manifest, durationMs: typeof seconds === 'number' ? seconds * 1000 : 0};
  const checked = findChecked(session, node, result);
  session.store.record({
    ...traceOf(session, node, checked === undefined ? made : {...made, ...checkedAs(node, checked)}),
    ...trialsIn(node, result),
    how: 'adopted',
    reason,
    foreign: true,
  });
  return {is: 'adopted', key: verdict.key};
}

async function findProblems(session: Session, node: Node): Promise<readonly string[]> {
  const missing = node.outputs.filter(({path}) => session.disk.stat(path) === 'missing').map(({path}) => `${path} is missing`);
  if (missing.length > 0) return missing;
  const path = node.outputs[0]?.path ?? '';
  const result = readResult(session, node);
  if (result === undefined) return [`${path} is no JSON object`];
  if (node.work.kind !== 'job') return borrowProblems(path, result, node);
  const {problems} = await verifyOutputs(session, node, node.work.job, 'any');
  if (problems.length > 0) return problems;
  if (!isOfATrial(session, node, result)) return [`${path} has params with a value that no trial in trials.jsonl had`];
  return wholeProblems(path, result, node);
}

function borrowProblems(path: string, result: JsonObject, node: Node): readonly string[] {
  const schema = validateResult('best_params', result).map((text) => `${path}: ${text}`);
  if (schema.length > 0) return schema;
  const identity = node.params.get('identity');
  return identityProblems(path, result, isJsonObject(identity) ? identity : {});
}

// A search that was cut, or has fewer trials than are wanted, goes on by itself; it is nothing to adopt as a whole one.
function wholeProblems(path: string, result: JsonObject, node: Node): readonly string[] {
  if (result['status'] !== 'complete') return [`${path} is ${canonicalText(result['status'] ?? null)}, not complete`];
  const {trials} = result;
  const ended: Json = isJsonObject(trials) ? (trials['ended'] ?? null) : null;
  const wanted = node.extent.get('trials');
  if (typeof ended !== 'number' || typeof wanted !== 'number' || ended >= wanted) return [];
  return [`${path} has ${String(ended)} of the ${String(wanted)} trials that are wanted`];
}
