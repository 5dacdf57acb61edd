// Finds results of a key that need not be made again, in the output cache or at another node's place, and puts them at the node's own.
import type {Key, NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import type {Instant} from '../host/clock.ts';
import {changeEntry, dropEntry, findEntries, outputOf, type CacheEntry} from '../state/cache.ts';
import type {Manifest} from '../state/manifest.ts';
import type {Store} from '../state/store.ts';
import type {Trace} from '../state/trace.ts';
import {asChecked, findChecked, findRejection, type Rejected} from './checks.ts';
import {hasSameModules} from './discovered.ts';
import type {Outcome} from './events.ts';
import {findOrphan, getPlace, holdsOutputs, keepBroken, placeOf} from './keep.ts';
import {readResult, verifyOutputs} from './outputs.ts';
import {failed, type Mover, type StaleVerdict} from './runner.ts';
import type {Session} from './session.ts';
import {copyFrom, putBack} from './transfer.ts';

export type Source =
  /** The node's own results, superseded before: they move back. */
  | {readonly from: 'cache'; readonly entry: CacheEntry; readonly trace: Trace}
  /** They are at their place already: the engine died while it put them there. */
  | {readonly from: 'place'; readonly entry: CacheEntry; readonly trace: Trace}
  /** Another node's results of the same key, at its place or in the cache: they are copied, and the identity is stamped anew. */
  | {readonly from: 'twin'; readonly folder: string; readonly entry: CacheEntry | undefined; readonly trace: Trace};

/** Whole results of one key, as far as the records say; `isThere` looks. */
export type Found = Exclude<Source, {from: 'place'}>;

/** Whole results of today's key that suffice; undefined where the node has to run. Whether its checks hold is asked of them next. Looks only. */
export function findSource(session: Session, node: Node, verdict: StaleVerdict): Source | undefined {
  const place = placeOf(node);
  if (place === undefined || !mayRestore(verdict)) return undefined;
  const orphan = findOrphan(session, node, verdict.key);
  if (
    orphan?.trace &&
    suffices(node, orphan.trace) &&
    hasSameModules(session, orphan.trace) &&
    holdsOutputs(session, node, orphan.trace, place)
  )
    return {from: 'place', entry: orphan, trace: orphan.trace};
  for (const found of listFound(session, node, verdict.key)) if (suffices(node, found.trace) && isThere(session, node, found)) return found;
  return undefined;
}

export function mayRestore({reason}: StaleVerdict): boolean {
  return reason.because !== 'forced' && reason.because !== 'input_missing';
}

/** The node's own in the cache, then those of others: at their places, then in the cache. In the cache those that failed no check come first. */
export function* listFound(session: Session, node: Node, key: Key): Iterable<Found> {
  const {store} = session;
  const isRejected = ({holds}: CacheEntry): number => Number(holds === 'rejected');
  const entries = findEntries(session.disk, key)
    .toSorted((left, right) => isRejected(left) - isRejected(right))
    .flatMap((entry) =>
      (entry.holds === 'complete' || entry.holds === 'rejected') && entry.trace !== null && isTrusted(store, key, entry.trace.at)
        ? [{entry, trace: entry.trace}]
        : [],
    );
  for (const {entry, trace} of entries) if (entry.node === node.id) yield {from: 'cache', entry, trace};
  for (const id of store.holdersOf(key)) {
    const {trace} = store.standingOf(id);
    const folder = trace === undefined || !isTrusted(store, key, trace.at) ? undefined : folderOf(node, trace);
    if (id !== node.id && trace !== undefined && folder !== undefined) yield {from: 'twin', folder, entry: undefined, trace};
  }
  for (const {entry, trace} of entries) if (entry.node !== node.id) yield {from: 'twin', folder: outputOf(entry), entry, trace};
}

/** Whether a result of this key that was made then counts: not one made before its key was declared wrong, in whichever study or profile. */
export function isTrusted({disownedAt}: Pick<Store, 'disownedAt'>, key: Key, made: Instant): boolean {
  return made > (disownedAt(key) ?? -Infinity);
}

/** Whether its files are what was recorded, and so is all that it was made with beside what its key names. */
export function isThere(session: Session, node: Node, found: Found): boolean {
  if (!hasSameModules(session, found.trace)) return false;
  return holdsOutputs(session, node, found.trace, found.from === 'cache' ? outputOf(found.entry) : found.folder);
}

/** Results that were found, where a check of the node does not hold on them: running it would only give the same. */
export function findRejected(session: Session, node: Node, {key, manifest}: StaleVerdict, source: Source): Rejected | undefined {
  const path = placesOf(node, source)[0]?.[1] ?? node.outputs[0]?.path ?? '';
  const message = findRejection(session, node, {trace: source.trace, path});
  return message === undefined ? undefined : {is: 'rejected', key, manifest, message, since: 'now'};
}

/** Each output's place, and where it lies until it is restored. */
export function placesOf(node: Node, source: Source): readonly (readonly [path: string, there: string])[] {
  if (source.from === 'place') return [];
  const folder = source.from === 'cache' ? outputOf(source.entry) : source.folder;
  return node.outputs.map(({path}) => [path, folder + path.slice(placeOf(node)?.length)] as const);
}

/** Puts the results at the node's place and records them. The checks of the node were asked before (`findRejected`). */
export async function restore(mover: Mover, node: Node, {key, manifest}: StaleVerdict, source: Source): Promise<Outcome> {
  const {session} = mover;
  const {trace} = source;
  // All of it in one go: nobody else may move the source meanwhile.
  if (source.from === 'cache') putBack(mover, node, {entry: source.entry, trace});
  if (source.from === 'twin') copyFrom(mover, node, key, source.folder);
  session.world.refresh();
  if (source.from === 'twin') {
    const problems = node.work.kind === 'job' ? (await verifyOutputs(session, node, node.work.job, key)).problems : [];
    if (problems.length > 0) return reject(mover, node, key, problems);
    if (source.entry !== undefined) changeEntry(session.disk, source.entry, {lastUsedMs: session.clock.now()});
  }
  const result = readResult(session, node);
  const found = (result === undefined ? undefined : findChecked(session, node, result)) ?? {problems: [], warnings: []};
  for (const diagnostic of found.warnings) mover.listen({type: 'node_warned', node, diagnostic});
  recordRestored(session, node, manifest, {...source, trace: asChecked(node, trace, found)});
  if (source.from !== 'twin') dropEntry(session.disk, source.entry);
  mover.listen({type: 'node_restored', node, from: describeSource(session, source)});
  return {at: 'done', how: 'restored'};
}

/** Records that the results lie at the node's place, with what they had cost. */
export function recordRestored(session: Session, node: Node, manifest: Manifest, source: Source): void {
  const {trace} = source;
  session.store.record({
    ...trace,
    node: node.id,
    manifest,
    how: trace.how === 'adopted' ? 'adopted' : 'restored',
    at: session.clock.now(),
    outputs: node.outputs.map(({path}) => [path, session.world.digestOf(path)] as const),
    ...(source.from === 'twin' ? {from: source.entry?.node ?? trace.node} : {}),
  });
}

/** `the cache`, or the name of the node that made the results. */
export function describeSource(session: Session, source: Source): string {
  if (source.from !== 'twin') return 'the cache';
  if (source.entry !== undefined) return `${source.entry.label} in the cache`;
  return labelOf(session, source.trace.node);
}

export function labelOf({graph}: Session, id: NodeId): string {
  return graph.nodes.find((node) => node.id === id)?.label ?? id;
}

/** More trials than wanted suffice; fewer do not. */
export function suffices(node: Node, {extent}: Pick<Trace, 'extent'>): boolean {
  const made = extent['trials'];
  const wanted = node.extent.get('trials');
  return typeof made !== 'number' || typeof wanted !== 'number' || made >= wanted;
}

/** Searches and trainings, and borrows for their sake: what rests on one is then known before anything runs. */
export function isCached(node: Node): boolean {
  return placeOf(node) !== undefined;
}

// Where the results of another node lie, by the path of its first output.
function folderOf(node: Node, {outputs}: Trace): string | undefined {
  const within = node.outputs[0]?.path.slice(placeOf(node)?.length) ?? '';
  const path = outputs[0]?.[0];
  return path?.endsWith(within) === true ? path.slice(0, path.length - within.length) : undefined;
}

// What another node left is not what it should be.
function reject(mover: Mover, node: Node, key: Key, problems: readonly string[]): Outcome {
  const {session, listen} = mover;
  listen({type: 'node_kept', node, ...keepBroken(session, getPlace(node), key)});
  const message = problems.join('; ');
  session.store.record({
    kind: 'ended',
    node: node.id,
    key,
    at: session.clock.now(),
    durationMs: 0,
    status: 'failed',
    reason: 'check',
    message,
  });
  return failed('check', message);
}
