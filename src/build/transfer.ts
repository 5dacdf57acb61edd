// Puts results of a key at a node's place: moves the node's own out of the cache, copies another's. Judges and records nothing but whose files lie there.
import type {Key} from '../base/ids.ts';
import {isJsonObject, parseObject, type Json} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import {takeOutput, type CacheEntry} from '../state/cache.ts';
import type {Ended, Trace} from '../state/trace.ts';
import {copyAside, getPlace, setAside} from './keep.ts';
import type {Mover} from './runner.ts';
import type {Session} from './session.ts';

/** Moves what an entry of the node itself holds out of the cache; without a trace it is unfinished work. */
export function putBack(mover: Mover, node: Node, {entry, trace}: {readonly entry: CacheEntry; readonly trace: Trace | undefined}): void {
  makeRoom(mover, node, entry.key, trace === undefined ? {ended: entry.ended, spentMs: entry.spentMs} : {ended: null, spentMs: 0});
  takeOutput(mover.session.disk, entry);
}

function makeRoom(mover: Mover, node: Node, key: Key, left: {readonly ended: Ended | null; readonly spentMs: number}): void {
  const {session} = mover;
  const kept = setAside(session, node);
  if (kept !== undefined) mover.listen({type: 'node_kept', node, ...kept});
  // From here on the journal says whose files lie there, whatever happens.
  session.store.record({kind: 'placed', node: node.id, key, at: session.clock.now(), ...left});
}

/** Copies the outputs from another node's folder, and stamps this node's identity into the first of them. */
export function copyFrom(mover: Mover, node: Node, key: Key, folder: string): void {
  const {disk} = mover.session;
  const place = getPlace(node);
  const beside = copyAside(mover.session, node, key, folder);
  const [first] = node.outputs;
  if (first !== undefined) stamp(mover.session, node, beside + first.path.slice(place.length));
  makeRoom(mover, node, key, {ended: null, spentMs: 0});
  disk.move(beside, place);
}

// The numbers are the same, and so is the key. Whose they are, and which search the parameters are from, is this node's own.
function stamp(session: Session, node: Node, path: string): void {
  const text = stampedCopy(session, node, path);
  if (text !== undefined) session.disk.write(path, text);
}

/** The result at a path as it will be when it is this node's. */
export function stampedCopy(session: Session, node: Node, path: string): string | undefined {
  const result = parseObject(session.disk.readText(path));
  if (result === undefined || node.work.kind !== 'job') return undefined;
  const identity = {...node.work.job.identity};
  const hpo = node.rule === 'training' ? {hpo: searchOf(session, node, result['hpo'])} : {};
  return `${JSON.stringify({...result, identity, ...hpo}, null, 2)}\n`;
}

function searchOf(session: Session, node: Node, before: Json | undefined): Json {
  const path = node.inputs.find(({role, part}) => role === 'best_params' && part.of === 'json')?.path;
  const best = path === undefined ? undefined : parseObject(session.disk.readText(path));
  if (path === undefined) return null;
  if (best === undefined) return before ?? null;
  const sources = Array.isArray(best['sources']) ? (best['sources'] as readonly Json[]) : [];
  const names = sources.flatMap((source) =>
    isJsonObject(source) && typeof source['experiment'] === 'string' ? [source['experiment']] : [],
  );
  return {path, key: best['key'] ?? null, status: best['status'] ?? null, borrowed_from: names};
}
