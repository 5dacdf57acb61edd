// Finds what a node that has to run can go on with: unfinished work, or a search with fewer trials than are wanted now; and puts it at its place.
import type {Key} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {dropEntry, findEntries, outputOf, type CacheEntry} from '../state/cache.ts';
import {hasSameModules} from './discovered.ts';
import {endedTrialsIn} from './effort.ts';
import {placeOf} from './keep.ts';
import {describeSource, isThere, listFound, mayRestore, recordRestored, type Found} from './restore.ts';
import type {Mover, StaleVerdict} from './runner.ts';
import type {Session} from './session.ts';
import {copyFrom, putBack} from './transfer.ts';

/** `trials`: how many of them need not be run; 0 where the node is no search. */
export type Remnant =
  /** A whole search with fewer trials: the node's own moves back, another node's is copied. */
  | {readonly is: 'whole'; readonly found: Found; readonly trials: number}
  /** Unfinished work of the node itself: it moves back. */
  | {readonly is: 'partial'; readonly entry: CacheEntry; readonly trials: number};

/** The one with the most trials, the node's own first; undefined where what lies at the node's place has as many. Looks only. */
export function findRemnant(session: Session, node: Node, verdict: StaleVerdict): Remnant | undefined {
  if (placeOf(node) === undefined || !mayRestore(verdict)) return undefined;
  const present = trialsInPlace(session, node, verdict.key);
  const candidates = [...listWhole(session, node, verdict.key), ...listPartial(session, node, verdict)]
    .filter(({trials}) => present === undefined || trials > present)
    .toSorted((left, right) => right.trials - left.trials);
  return candidates.find((remnant) => remnant.is === 'partial' || isThere(session, node, remnant.found));
}

/** Puts it at the node's place; the run that follows goes on with it. */
export function resume(mover: Mover, node: Node, {key, manifest}: StaleVerdict, remnant: Remnant): void {
  const {session} = mover;
  if (remnant.is === 'partial') putBack(mover, node, {entry: remnant.entry, trace: undefined});
  else if (remnant.found.from === 'cache') putBack(mover, node, remnant.found);
  else copyFrom(mover, node, key, remnant.found.folder);
  session.world.refresh();
  if (remnant.is === 'whole') recordRestored(session, node, manifest, remnant.found);
  const moved = remnant.is === 'partial' ? remnant.entry : remnant.found.from === 'cache' ? remnant.found.entry : undefined;
  if (moved !== undefined) dropEntry(session.disk, moved);
  mover.listen({type: 'node_restored', node, from: describeRemnant(session, remnant)});
}

/** Whose work it is. */
export function describeRemnant(session: Session, remnant: Remnant): string {
  return remnant.is === 'partial' ? 'the cache' : describeSource(session, remnant.found);
}

// Undefined where nothing of this key lies there.
function trialsInPlace(session: Session, node: Node, key: Key): number | undefined {
  const place = placeOf(node);
  const {lastKey, trace} = session.store.standingOf(node.id);
  if (place === undefined || lastKey !== key || session.disk.stat(place) === 'missing') return undefined;
  const recorded = trace?.extent['trials'];
  return Math.max(typeof recorded === 'number' ? recorded : 0, endedTrialsIn(session.disk, place));
}

// Of other nodes only what ran under this key: what was adopted or made by hand cannot be gone on with.
function listWhole(session: Session, node: Node, key: Key): readonly Remnant[] {
  return [...listFound(session, node, key)].flatMap((found) => {
    const {extent, how} = found.trace;
    const trials = typeof extent['trials'] === 'number' ? extent['trials'] : 0;
    const goesOn = found.from === 'cache' || (trials > 0 && (how === 'ran' || how === 'restored'));
    return goesOn ? [{is: 'whole', found, trials} as const] : [];
  });
}

function listPartial(session: Session, node: Node, {key, manifest}: StaleVerdict): readonly Remnant[] {
  const entries = findEntries(session.disk, key).filter(
    (entry) =>
      entry.node === node.id &&
      entry.holds === 'partial' &&
      session.disk.stat(outputOf(entry)) !== 'missing' &&
      hasSameModules(session, {...entry.ended, manifest}),
  );
  return entries.map((entry) => ({is: 'partial', entry, trials: endedTrialsIn(session.disk, outputOf(entry))}));
}
