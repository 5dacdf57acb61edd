// How a node stands, in one word: what status, graph and diff say of it.
import type {Node} from '../graph/node.ts';
import {findPartial} from './partial.ts';
import type {Session} from './session.ts';
import type {Forecast} from './verdicts.ts';

/** From good to bad, but for `stale`, which is nobody's fault. */
export const nodeStates = ['fresh', 'partial', 'failed', 'refused', 'invalid', 'stale'] as const;
export type NodeState = (typeof nodeStates)[number];

export function nodeStateOf(session: Session, node: Node, entry: Forecast): NodeState {
  if (entry.will === 'stay') return 'fresh';
  if (entry.will === 'fail') return 'failed';
  if (entry.will === 'be_refused' || entry.will === 'be_blocked') return 'refused';
  const {ended, invalid} = session.store.standingOf(node.id);
  if (invalid !== undefined) return 'invalid';
  if (findPartial(session, node, entry.verdict) !== undefined) return 'partial';
  if (ended?.status === 'failed' && ended.key === entry.verdict.key) return 'failed';
  return 'stale';
}

export type StateTotals = Readonly<Record<NodeState, number>>;

export function totalsOf(states: Iterable<NodeState>): StateTotals {
  const totals: Record<NodeState, number> = {fresh: 0, partial: 0, failed: 0, refused: 0, invalid: 0, stale: 0};
  for (const state of states) totals[state]++;
  return totals;
}
