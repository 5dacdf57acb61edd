// Finds results of a key that need not be made again, in the output cache or at another node's place, and puts them at the node's own.
import type {Key, NodeId} from '../base/ids.ts';
import {isJsonObject, parseObject, type Json} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import {changeEntry, dropEntry, findEntries, outputOf, takeOutput, type CacheEntry} from '../state/cache.ts';
import type {Ended, Trace} from '../state/trace.ts';
import type {Outcome} from './events.ts';
import {asChecked, findChecked, findRejection, type Rejected} from './checks.ts';
import {findOrphan, holdsOutputs, keepBroken, placeOf, setAside} from './keep.ts';
import {readResult, verifyOutputs} from './outputs.ts';
import {failed, type Runner, type StaleVerdict} from './runner.ts';
import type {Session} from './session.ts';

export type Source =
  /** The node's own results, superseded before: they move back. */
  | {readonly from: 'cache'; readonly entry: CacheEntry; readonly trace: Trace}
  /** They are at their place already: the engine died while it put them there. */
  | {readonly from: 'place'; readonly entry: CacheEntry; readonly trace: Trace}
  /** Another node's results of the same key, at its place or in the cache: they are copied, and the identity is stamped anew. */
  | {readonly from: 'twin'; readonly folder: string; readonly entry: CacheEntry | undefined; readonly trace: Trace};

/** Unfinished work, or a finished search with fewer trials than are wanted now: it is put back, and goes on. */
export interface Remnant {
  readonly entry: CacheEntry;
  readonly trace: Trace | undefined;
}

/** Whole results of today's key that suffice; undefined where the node has to run. Whether its checks hold is asked of them next. Looks only. */
export function findSource(session: Session, node: Node, verdict: StaleVerdict): Source | undefined {
  const place = placeOf(node);
  if (!isCached(node) || place === undefined || ['forced', 'input_missing'].includes(verdict.reason.because)) return undefined;
  const {key} = verdict;
  const orphan = findOrphan(session, node, key);
  if (orphan?.trace && suffices(node, orphan.trace) && holdsOutputs(session, node, orphan.trace, place))
    return {from: 'place', entry: orphan, trace: orphan.trace};
  const entries = findEntries(session.disk, key).toSorted(
    (left, right) => Number(left.holds === 'rejected') - Number(right.holds === 'rejected'),
  );
  const own = entries.find((entry) => entry.node === node.id && isWhole(session, node, entry, suffices));
  if (own?.trace) return {from: 'cache', entry: own, trace: own.trace};
  for (const id of session.store.holdersOf(key)) {
    const {trace} = session.store.standingOf(id);
    const folder = trace === undefined ? undefined : folderOf(node, trace);
    if (id === node.id || trace === undefined || folder === undefined || !suffices(node, trace)) continue;
    if (holdsOutputs(session, node, trace, folder)) return {from: 'twin', folder, entry: undefined, trace};
  }
  const other = entries.find((entry) => entry.node !== node.id && isWhole(session, node, entry, suffices));
  return other?.trace ? {from: 'twin', folder: outputOf(other), entry: other, trace: other.trace} : undefined;
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

/** What of the node's own work under today's key lies in the cache and can go on. Only where nothing of that key lies at its place. */
export function findRemnant(session: Session, node: Node, verdict: StaleVerdict): Remnant | undefined {
  const place = placeOf(node);
  if (!isCached(node) || place === undefined || ['forced', 'input_missing'].includes(verdict.reason.because)) return undefined;
  if (session.store.standingOf(node.id).lastKey === verdict.key && session.disk.stat(place) !== 'missing') return undefined;
  const entries = findEntries(session.disk, verdict.key).filter((entry) => entry.node === node.id);
  const whole = entries.find((entry) => isWhole(session, node, entry, () => true));
  if (whole?.trace) return {entry: whole, trace: whole.trace};
  const partial = entries.find((entry) => entry.holds === 'partial' && session.disk.stat(outputOf(entry)) !== 'missing');
  return partial === undefined ? undefined : {entry: partial, trace: undefined};
}

/** Puts the results at the node's place and records them. The checks of the node were asked before (`findRejected`). */
export async function restore(runner: Runner, node: Node, {key, manifest}: StaleVerdict, source: Source): Promise<Outcome> {
  const {session} = runner;
  const {trace} = source;
  // All of it in one go: nobody else may move the source meanwhile.
  if (source.from === 'cache') putBack(runner, node, {entry: source.entry, trace});
  if (source.from === 'twin') copyFrom(runner, node, key, source.folder);
  session.world.refresh();
  if (source.from === 'twin') {
    const problems = node.work.kind === 'job' ? (await verifyOutputs(session, node, node.work.job, key)).problems : [];
    if (problems.length > 0) return reject(runner, node, key, problems);
    if (source.entry !== undefined) changeEntry(session.disk, source.entry, {lastUsedMs: session.clock.now()});
  }
  const result = readResult(session, node);
  const found = (result === undefined ? undefined : findChecked(session, node, result)) ?? {problems: [], warnings: []};
  for (const diagnostic of found.warnings) runner.listen({type: 'node_warned', node, diagnostic});
  session.store.record({
    ...asChecked(node, trace, found),
    node: node.id,
    manifest,
    how: trace.how === 'adopted' ? 'adopted' : 'restored',
    at: session.clock.now(),
    outputs: node.outputs.map(({path}) => [path, session.world.digestOf(path)] as const),
    ...(source.from === 'twin' ? {from: source.entry?.node ?? trace.node} : {}),
  });
  if (source.from !== 'twin') dropEntry(session.disk, source.entry);
  runner.listen({type: 'node_restored', node, from: describeSource(session, source)});
  return {at: 'done', how: 'restored'};
}

/** Puts unfinished work back at its place; the run that follows goes on with it. */
export function resume(runner: Runner, node: Node, {entry, trace}: Remnant): void {
  putBack(runner, node, {entry, trace});
  if (trace !== undefined) runner.session.store.record({...trace, how: trace.how === 'adopted' ? 'adopted' : 'restored'});
  dropEntry(runner.session.disk, entry);
  runner.session.world.refresh();
  runner.listen({type: 'node_restored', node, from: 'the cache'});
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

function isWhole(session: Session, node: Node, entry: CacheEntry, enough: (node: Node, trace: Trace) => boolean): boolean {
  return (
    (entry.holds === 'complete' || entry.holds === 'rejected') &&
    entry.trace !== null &&
    enough(node, entry.trace) &&
    holdsOutputs(session, node, entry.trace, outputOf(entry))
  );
}

// Where the results of another node lie, by the path of its first output.
function folderOf(node: Node, {outputs}: Trace): string | undefined {
  const within = node.outputs[0]?.path.slice(placeOf(node)?.length) ?? '';
  const path = outputs[0]?.[0];
  return path?.endsWith(within) === true ? path.slice(0, path.length - within.length) : undefined;
}

function putBack(runner: Runner, node: Node, {entry, trace}: Remnant): void {
  makeRoom(runner, node, entry.key, trace === undefined ? {ended: entry.ended, spentMs: entry.spentMs} : {ended: null, spentMs: 0});
  takeOutput(runner.session.disk, entry);
}

function makeRoom(runner: Runner, node: Node, key: Key, left: {readonly ended: Ended | null; readonly spentMs: number}): void {
  const {session} = runner;
  const kept = setAside(session, node);
  if (kept !== undefined) runner.listen({type: 'node_kept', node, ...kept});
  // From here on the journal says whose files lie there, whatever happens.
  session.store.record({kind: 'placed', node: node.id, key, at: session.clock.now(), ...left});
}

const staging = '.ftsbuild/staging';

function copyFrom(runner: Runner, node: Node, key: Key, folder: string): void {
  const {disk} = runner.session;
  const place = placeOf(node) ?? bug(node);
  const beside = `${staging}/${key}`;
  disk.remove(beside);
  for (const {path} of node.outputs) {
    const inside = path.slice(place.length);
    // A checkpoint is large and always replaced whole; a study's files are written into when it goes on.
    if (inside.endsWith('.pt')) disk.link(folder + inside, beside + inside);
    else disk.copy(folder + inside, beside + inside);
  }
  const [first] = node.outputs;
  if (first !== undefined) stamp(runner.session, node, beside + first.path.slice(place.length));
  makeRoom(runner, node, key, {ended: null, spentMs: 0});
  disk.move(beside, place);
}

// The numbers are the same, and so is the key. Whose they are, and which search the parameters are from, is this node's own.
function stamp(session: Session, node: Node, path: string): void {
  const result = parseObject(session.disk.readText(path));
  if (result === undefined || node.work.kind !== 'job') return;
  const identity = {...node.work.job.identity};
  const hpo = node.rule === 'training' ? {hpo: searchOf(session, node, result['hpo'])} : {};
  session.disk.write(path, `${JSON.stringify({...result, identity, ...hpo}, null, 2)}\n`);
}

function searchOf(session: Session, node: Node, before: Json | undefined): Json {
  const path = node.inputs.find(({role}) => role === 'best_params')?.path;
  const best = path === undefined ? undefined : parseObject(session.disk.readText(path));
  if (path === undefined || best === undefined) return before ?? null;
  const sources = Array.isArray(best['sources']) ? (best['sources'] as readonly Json[]) : [];
  const names = sources.flatMap((source) =>
    isJsonObject(source) && typeof source['experiment'] === 'string' ? [source['experiment']] : [],
  );
  return {path, key: best['key'] ?? null, status: best['status'] ?? null, borrowed_from: names};
}

// What another node left is not what it should be.
function reject(runner: Runner, node: Node, key: Key, problems: readonly string[]): Outcome {
  const {session, listen} = runner;
  listen({type: 'node_kept', node, ...keepBroken(session, placeOf(node) ?? bug(node), key)});
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

function bug(node: Node): never {
  throw new Error(`unreachable: ${node.id} has no place of its own`);
}
