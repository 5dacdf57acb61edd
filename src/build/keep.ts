// Moves what lies at a node's place aside before something else is put there, so that nothing is ever overwritten: results into the
// output cache, what no key vouches for into `.ftsbuild/kept/`. Removes nothing but the checkpoint that a finished training no longer needs.
import {projectPath, type Key, type ProjectPath} from '../base/ids.ts';
import {isLogOf, type Node} from '../graph/node.ts';
import {findEntries, outputOf, putEntry} from '../state/cache.ts';
import {moveAside, type Kept} from '../state/kept.ts';
import type {Trace} from '../state/trace.ts';
import type {Session} from './session.ts';

/** A study under one key never goes on in the files of another: what was made under another key than `key` goes into the cache. */
export function keepSuperseded(session: Session, node: Node, key: Key): Kept | undefined {
  return session.store.standingOf(node.id).lastKey === key ? undefined : setAside(session, node);
}

/** Whatever lies at the place of a search or a training, whole. */
export function setAside(session: Session, node: Node): Kept | undefined {
  const directory = placeOf(node);
  if (directory === undefined || session.disk.stat(directory) === 'missing') return undefined;
  const {lastKey, unfinished, ended} = session.store.standingOf(node.id);
  if (lastKey === undefined) return {...moveAside(session.disk, directory, `unknown-${String(session.clock.now())}`), isUnknown: true};
  const trace = findTraceOfPlace(session, node);
  const begun = ended ?? unfinished;
  if (trace === undefined && begun?.key !== lastKey) return moveAside(session.disk, directory, `edited-${lastKey.slice(0, 12)}`);
  if (trace !== undefined) removeResumable(session, node, directory);
  const entry = putEntry(
    session.disk,
    {
      ...describe(node, directory),
      key: trace?.key ?? lastKey,
      holds: trace === undefined ? 'partial' : 'complete',
      reason: null,
      trace: trace ?? null,
      ended: trace === undefined ? (ended ?? null) : null,
      spentMs: session.store.standingOf(node.id).spentMs,
    },
    session.clock.now(),
  );
  return {path: directory, movedTo: outputOf(entry)};
}

/**
 * Leaves a copy of whole results in the cache, under the key that they were made with, when they are to be taken for another one: they remain
 * what they truly are, and come back when that key does.
 */
export function keepClaim(session: Session, node: Node): void {
  const {disk, store, clock} = session;
  const place = placeOf(node);
  const {trace} = store.standingOf(node.id);
  if (place === undefined || trace === undefined || !holdsOutputs(session, node, trace, place)) return;
  const {key} = trace;
  if (findEntries(disk, key).some((entry) => entry.node === node.id && entry.holds === 'complete')) return;
  const made = {...describe(node, place), key, reason: null, trace, ended: null, spentMs: 0};
  putEntry(disk, {...made, holds: 'complete'}, clock.now(), copyAside(session, node, key, place));
}

/** Copies that are on their way to a place. */
export const stagingFolder = '.ftsbuild/staging';

/** Copies the node's outputs from a folder to a place where nobody looks; returns which. From there they are moved in one step. */
export function copyAside({disk}: Session, node: Node, key: Key, folder: string): string {
  const place = getPlace(node);
  const beside = `${stagingFolder}/${key}`;
  disk.remove(beside);
  for (const {path} of node.outputs) {
    const inside = path.slice(place.length);
    // Never a link, however large: another program may write into a file instead of replacing it, and would write into both.
    disk.copy(folder + inside, beside + inside);
  }
  return beside;
}

/** Earlier versions linked the checkpoints of results of one key: one that has other names still gets bytes of its own. */
export function partFromOthers({disk}: Session, {outputs}: Node): void {
  for (const {path} of outputs) if (path.endsWith('.pt')) disk.part(path);
}

/** The results that a person declared wrong: in the cache for who wants to look at them, and never given back. */
export function keepInvalid(session: Session, node: Node, declared: {readonly key: Key; readonly reason: string}): Kept | undefined {
  const directory = placeOf(node);
  if (directory === undefined || session.disk.stat(directory) === 'missing') return undefined;
  const trace = session.store.standingOf(node.id).lastTrace ?? null;
  const entry = putEntry(
    session.disk,
    {...describe(node, directory), ...declared, holds: 'invalid', trace, ended: null, spentMs: 0},
    session.clock.now(),
  );
  return {path: directory, movedTo: outputOf(entry)};
}

/** Whole results on which a check does not hold: in the cache, from where they come back when the checks no longer speak against them. */
export function keepFailed(
  session: Session,
  directory: ProjectPath,
  {node, trace, message}: {readonly node: Node; readonly trace: Trace; readonly message: string},
): Kept {
  removeResumable(session, node, directory);
  const made = {...describe(node, directory), key: trace.key, trace, ended: null, spentMs: 0};
  const entry = putEntry(session.disk, {...made, holds: 'rejected', reason: message}, session.clock.now());
  return {path: directory, movedTo: outputOf(entry)};
}

// A finished training needs no checkpoint to go on from.
function removeResumable(session: Session, {rule}: Node, directory: ProjectPath): void {
  if (rule === 'training') session.disk.remove(`${directory}/checkpoints/last.pt`);
}

/** The outputs of a run that are broken, or of another experiment: kept for inspection, never used. */
export function keepBroken(session: Session, directory: ProjectPath, key: Key): Kept {
  return moveAside(session.disk, directory, `rejected-${key.slice(0, 12)}-${String(session.clock.now())}`);
}

/** The folder that is a node's own: a search's, a training's, a borrow's. Undefined for what has none. */
export function placeOf(node: Node): ProjectPath | undefined {
  if (node.work.kind === 'job') return node.work.job.rule === 'data' ? undefined : node.work.job.output;
  const [first] = node.outputs;
  return node.rule === 'borrow' && first !== undefined ? projectPath(first.path.slice(0, first.path.lastIndexOf('/'))) : undefined;
}

/** Of a node that is known to have one. */
export function getPlace(node: Node): ProjectPath {
  const place = placeOf(node);
  if (place === undefined) throw new Error(`unreachable: ${node.id} has no place of its own`);
  return place;
}

/** Whether the outputs of `trace`, looked for in `folder`, are what was recorded. Volatile ones must only be there. */
export function holdsOutputs(session: Session, node: Node, trace: Trace, folder: string): boolean {
  const place = placeOf(node);
  const [first] = node.outputs;
  const recordedFirst = trace.outputs[0]?.[0];
  if (place === undefined || first === undefined || recordedFirst === undefined) return false;
  const within = first.path.slice(place.length);
  // It may have been made for another node: what counts is where a file lies within the folder.
  if (!recordedFirst.endsWith(within)) return false;
  const recordedPlace = recordedFirst.slice(0, recordedFirst.length - within.length);
  const recorded = new Map<string, string>(trace.outputs);
  return node.outputs.every(({path, kind}) => {
    const inside = path.slice(place.length);
    if (kind === 'volatile') return isLogOf(node, path) || session.disk.stat(folder + inside) !== 'missing';
    const digest = recorded.get(recordedPlace + inside);
    return digest !== undefined && digest !== 'missing' && session.world.digestOf(folder + inside) === digest;
  });
}

// The trace of what lies at the node's place: the journal's, or that of a cache entry that was being put back when the engine died.
function findTraceOfPlace(session: Session, node: Node): Trace | undefined {
  const {trace, lastKey} = session.store.standingOf(node.id);
  const place = placeOf(node);
  if (lastKey === undefined || place === undefined) return undefined;
  const known = trace ?? findOrphan(session, node, lastKey)?.trace ?? undefined;
  return known !== undefined && holdsOutputs(session, node, known, place) ? known : undefined;
}

/** An entry of the node whose output is at the node's place already. */
export function findOrphan(session: Session, node: Node, key: Key): ReturnType<typeof findEntries>[number] | undefined {
  return findEntries(session.disk, key).find(
    (entry) =>
      entry.node === node.id &&
      (entry.holds === 'complete' || entry.holds === 'rejected') &&
      session.disk.stat(outputOf(entry)) === 'missing',
  );
}

function describe(node: Node, path: string): {node: Node['id']; rule: string; label: string; path: string} {
  return {node: node.id, rule: node.rule, label: node.label, path};
}
