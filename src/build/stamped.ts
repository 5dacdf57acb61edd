// Recognises results that carry today's key although the journal does not know of them: the journal was lost, or they come from another clone.
import {canonicalText, findAt, isJsonObject, type JsonObject} from '../base/json.ts';
import type {Key} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import type {Instant} from '../host/clock.ts';
import type {Verdict} from '../state/judge.ts';
import {isOfATrial} from './adopted.ts';
import {endedTrialsIn} from './effort.ts';
import {isTrusted} from './restore.ts';
import type {Session} from './session.ts';

/** Whether they are this node's, whole, and made under exactly the key of today. What the journal knows of that key itself goes before the stamp. */
export function isStamped(session: Session, node: Node, {key}: Verdict, result: JsonObject): boolean {
  return session.store.standingOf(node.id).lastKey !== key && isWhole(session, node, key, result);
}

/** Whether a job finished them after its engine had died: whole, under the attempt's key, and made since it began. */
export function isOfAttempt(session: Session, node: Node, began: {readonly key: Key; readonly at: Instant}, result: JsonObject): boolean {
  const created = findAt(result, '/provenance/created');
  const stat = session.disk.stat(node.outputs[0]?.path ?? '');
  return (
    isWhole(session, node, began.key, result) &&
    // By its own word, and by the file's time: older metrics may lie beside newer weights.
    typeof created === 'string' &&
    Date.parse(created) >= began.at &&
    stat !== 'missing' &&
    Number(stat.mtimeNs / 1_000_000n) >= began.at
  );
}

function isWhole(session: Session, node: Node, key: Key, result: JsonObject): boolean {
  return (
    result['key'] === key &&
    result['status'] === 'complete' &&
    canonicalText(result['identity'] ?? null) === canonicalText(identityOf(node)) &&
    node.outputs.every(({path, kind}) => isWritten(session, path, kind)) &&
    hasTrials(session, node, result) &&
    isOfATrial(session, node, result) &&
    isMadeInTime(session, key, result) &&
    session.conditions.validate(node.rule === 'training' ? 'metrics' : 'best_params', result)?.length === 0
  );
}

function identityOf({work, params}: Node): JsonObject {
  const identity = work.kind === 'job' ? {...work.job.identity} : params.get('identity');
  return isJsonObject(identity) ? identity : {};
}

// A log may be empty; a result is not.
function isWritten({disk}: Session, path: string, kind: 'file' | 'volatile'): boolean {
  const stat = disk.stat(path);
  return stat !== 'missing' && (kind === 'volatile' || stat.size > 0);
}

function hasTrials(session: Session, {rule, outputs, extent}: Node, result: JsonObject): boolean {
  if (rule !== 'hpo') return true;
  const ended = findAt(result, '/trials/ended');
  const wanted = extent.get('trials');
  if (typeof ended !== 'number' || (typeof wanted === 'number' && ended < wanted)) return false;
  const lines = outputs.find(({path}) => path.endsWith('/trials.jsonl'))?.path;
  return lines === undefined || endedTrialsIn(session.disk, lines.slice(0, lines.lastIndexOf('/'))) >= ended;
}

/** Whether it was made, by its own word, after its key was last declared wrong. */
export function isMadeInTime({store}: Session, key: Verdict['key'], result: JsonObject): boolean {
  const created = findAt(result, '/provenance/created');
  return store.disownedAt(key) === undefined || (typeof created === 'string' && isTrusted(store, key, Date.parse(created)));
}
