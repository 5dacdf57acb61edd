// Recognises results that no build of this workspace recorded: a script run by hand left them, or they carry today's key.
import {canonicalText, findAt, isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import type {Key} from '../base/ids.ts';
import type {JobWork, Node} from '../graph/node.ts';
import type {Verdict} from '../state/judge.ts';
import type {Trace} from '../state/trace.ts';
import {adoptedAt, isOfATrial} from './adopted.ts';
import {rememberCode} from './changes.ts';
import {effortOf, trialsIn} from './effort.ts';
import {packageDigests} from './job-file.ts';
import {placeOf} from './keep.ts';
import {readResult} from './outputs.ts';
import type {Session} from './session.ts';
import {isMadeInTime, isOfAttempt, isStamped} from './stamped.ts';

/** The verdict itself, or `fresh` with a trace that says `recognised` and is not recorded yet. */
export function recogniseByHand(session: Session, node: Node, verdict: Verdict): Verdict {
  if (verdict.is !== 'stale' || placeOf(node) === undefined) return verdict;
  const {because} = verdict.reason;
  if (!['never_built', 'invalid', 'changed', 'output_changed', 'unfinished'].includes(because)) return verdict;
  const result = readResult(session, node);
  if (result === undefined) return verdict;
  // A stamp says nothing of what somebody edited afterwards, or of what a run left that was cut.
  const isToday =
    result['key'] === null
      ? isByHand(session, node, result) && isMadeInTime(session, verdict.key, result)
      : because === 'unfinished'
        ? isFinished(session, node, verdict.key, result)
        : because !== 'output_changed' && isStamped(session, node, verdict, result);
  if (!isToday) return verdict;
  return {is: 'fresh', key: verdict.key, manifest: verdict.manifest, trace: traceOf(session, node, verdict, result)};
}

// Only of an attempt whose engine died: what ended otherwise was judged then.
function isFinished(session: Session, node: Node, key: Key, result: JsonObject): boolean {
  const {unfinished, ended} = session.store.standingOf(node.id);
  const at = unfinished?.at ?? ended?.began;
  return at !== undefined && isOfAttempt(session, node, {key, at}, result);
}

function isByHand(session: Session, node: Node, result: JsonObject): boolean {
  return node.work.kind === 'job' && node.work.job.identity !== undefined && isOfToday(session, node, node.work.job, result);
}

function isOfToday(session: Session, node: Node, work: JobWork, result: JsonObject): boolean {
  const at = (pointer: string): Json => findAt(result, pointer) ?? null;
  const data = work.data === undefined ? undefined : session.world.findDataEntry(work.data);
  return (
    result['status'] === 'complete' &&
    node.outputs.every(({path}) => session.world.digestOf(path) !== 'missing') &&
    isOfATrial(session, node, result) &&
    canonicalText(at('/identity')) === canonicalText({...work.identity}) &&
    canonicalText(at('/record')) === canonicalText(recordAsRun(work)) &&
    at('/provenance/data/sha256') === (data?.sha256 ?? null) &&
    canonicalText(at('/provenance/code')) === canonicalText(packageDigests(session)) &&
    at('/provenance/script/sha256') === (work.target.kind === 'script' ? session.world.digestOf(work.target.path) : null) &&
    hasTodaysVersions(node, session, at('/provenance/environment')) &&
    hasTodaysSource(session, node, work, result)
  );
}

function recordAsRun(work: JobWork): JsonObject {
  return {...work.record, ...work.extent, ...(work.seed === undefined ? {} : {seed: work.seed})};
}

// A training by hand must have trained with the best parameters that lie there now. What the record fixes wins over what a search found;
// a conditional parameter that is not active stands in no result.
function hasTodaysSource(session: Session, node: Node, work: JobWork, result: JsonObject): boolean {
  const input = node.inputs.find(({role}) => role === 'best_params');
  if (input === undefined || input.part.of === 'nothing') return true;
  const best = findAt(readJson(session, input.path), '/params');
  const used = result['params'];
  if (!isJsonObject(best) || !isJsonObject(used)) return false;
  return Object.entries(best).every(([name, value]) => used[name] === undefined || used[name] === (work.record[name] ?? value));
}

function readJson(session: Session, path: string): Json {
  try {
    return JSON.parse(session.disk.readText(path) ?? 'null') as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function hasTodaysVersions(node: Node, session: Session, environment: Json): boolean {
  const input = node.inputs.find(({role}) => role === 'environment');
  const today = input === undefined ? undefined : findAt(readJson(session, input.path), '/training');
  if (!isJsonObject(today)) return false;
  return Object.entries(today).every(([name, version]) => {
    const then = name === 'python' ? findAt(environment, '/python') : findAt(environment, `/packages/${name}`);
    return typeof then === 'string' && typeof version === 'string' && `${then}.`.startsWith(`${version}.`);
  });
}

function traceOf(session: Session, node: Node, verdict: Verdict, result: JsonObject): Trace {
  const seconds = result['duration_seconds'];
  return {
    kind: 'done',
    node: node.id,
    key: verdict.key,
    how: 'recognised',
    at: session.clock.now(),
    durationMs: typeof seconds === 'number' ? seconds * 1000 : 0,
    manifest: verdict.manifest,
    outputs: node.outputs.map(({path}) => [path, session.world.digestOf(path)] as const),
    extent: Object.fromEntries(node.extent),
    effort: effortOf(node, session.store.standingOf(node.id), verdict.key),
    ...trialsIn(node, result),
    ...adoptedAt(session, node),
    foreign: true,
  };
}

/** Stamps the key into the result and records it as this node's. */
export function recordRecognised(session: Session, node: Node, verdict: Extract<Verdict, {is: 'fresh'}>): void {
  const result = readResult(session, node);
  const [first] = node.outputs;
  if (result === undefined || first === undefined) return;
  if (result['key'] !== verdict.key) session.disk.write(first.path, `${JSON.stringify({...result, key: verdict.key}, null, 2)}\n`);
  session.world.refresh();
  rememberCode(session, node, verdict.manifest);
  session.store.record({...verdict.trace, outputs: node.outputs.map(({path}) => [path, session.world.digestOf(path)] as const)});
}
