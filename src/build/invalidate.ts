// Declares results wrong, by a person's word: they and all that was built on them count no more, and are never given back.
import type {Key} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {manifestOf} from '../state/manifest.ts';
import {changeEntry, findEntries} from '../state/cache.ts';
import {isResult} from './adopt.ts';
import {disownDescendants, type Wrong} from './descendants.ts';
import type {Kept} from '../state/kept.ts';
import {keepInvalid} from './keep.ts';
import type {Session} from './session.ts';
import {disownTrials} from './trial-cache.ts';
import {judgeNow} from './verdicts.ts';

export interface Invalidation {
  readonly node: Node;
  readonly reason: string;
  readonly kept: Kept | undefined;
}

/**
 * The nodes themselves, those that hold the same result under another name (the same key), and everything built on either. A data file stays
 * where it is, for it may be a person's own; it counts as wrong until it is built or verified again.
 */
export function invalidate(session: Session, nodes: readonly Node[], reason: string): readonly Invalidation[] {
  const reasons = new Map<Node, string>();
  const open: {readonly node: Node; readonly reason: string}[] = nodes.filter(mayBeWrong).map((node) => ({node, reason}));
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const {node} = next;
    if (reasons.has(node)) continue;
    reasons.set(node, next.reason);
    const built = session.graph.consumersOf(node).filter(mayBeWrong);
    open.push(...built.map((consumer) => ({node: consumer, reason: `built on ${node.label}, which is invalid: ${reason}`})));
    open.push(
      ...findTwins(session, node).map((twin) => ({node: twin, reason: `the same result as ${node.label}, which is invalid: ${reason}`})),
    );
  }
  const wrong = session.graph.nodes.filter((node) => reasons.has(node) && hasResult(session, node));
  const made = describeWrong(session, wrong, new Set(nodes), reason);
  for (const node of wrong)
    if (node.rule === 'hpo')
      disownTrials(session, session.store.standingOf(node.id).lastTrace?.manifest ?? manifestOf(node, session.world));
  const done = wrong.map((node) => declare(session, node, reasons.get(node) ?? reason));
  disownDescendants(session, made);
  return done;
}

// By which marks everything else is known that rests on these results: what was superseded, and what the study no longer speaks of.
function describeWrong(session: Session, wrong: readonly Node[], named: ReadonlySet<Node>, reason: string): Wrong {
  return {
    keys: new Set(wrong.filter(isResult).map((node) => keyOfPlace(session, node))),
    data: new Set(wrong.flatMap((node) => dataDigests(session, node))),
    unfinished: new Set(wrong.filter((node) => !named.has(node)).map(({id}) => id)),
    reason: `built on an invalid result: ${reason}`,
  };
}

function dataDigests({store, world}: Session, node: Node): readonly string[] {
  if (node.work.kind !== 'job' || node.rule !== 'data') return [];
  const recorded = store.standingOf(node.id).lastTrace?.outputs.map(([, digest]) => digest) ?? [];
  return [world.digestOf(node.work.job.output), ...recorded];
}

function keyOfPlace(session: Session, node: Node): Key {
  return session.store.standingOf(node.id).lastKey ?? judgeNow(session, node).key;
}

function mayBeWrong(node: Node): boolean {
  return isResult(node) || node.rule === 'data';
}

function findTwins(session: Session, node: Node): readonly Node[] {
  const {store, graph} = session;
  const key = isResult(node) ? store.standingOf(node.id).lastKey : undefined;
  // Unfinished work of the same key, too: its trials are the same ones.
  return key === undefined
    ? []
    : graph.nodes.filter((other) => other !== node && isResult(other) && store.standingOf(other.id).lastKey === key);
}

function hasResult(session: Session, node: Node): boolean {
  return session.store.standingOf(node.id).lastKey !== undefined || node.outputs.some(({path}) => session.disk.stat(path) !== 'missing');
}

function declare(session: Session, node: Node, reason: string): Invalidation {
  const key = keyOfPlace(session, node);
  for (const entry of findEntries(session.disk, key))
    if (entry.holds !== 'invalid') changeEntry(session.disk, entry, {holds: 'invalid', reason});
  const kept = keepInvalid(session, node, {key, reason});
  session.store.record({kind: 'invalidated', node: node.id, key, at: session.clock.now(), reason});
  session.world.refresh();
  return {node, reason, kept};
}
