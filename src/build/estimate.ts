// How long a node will take: what it took here before, else what the file says.
import type {Node} from '../graph/node.ts';
import type {Session} from './session.ts';

export interface Estimate {
  readonly ms: number;
  readonly from: 'history' | 'file' | 'rule';
}

/** `undefined` where neither this workspace nor the file knows anything. */
export function estimateOf(session: Session, node: Node): Estimate | undefined {
  const last = session.store.standingOf(node.id).lastTrace;
  if (last !== undefined && last.durationMs > 0)
    return {ms: scaled(last.durationMs, last.extent['trials'], node.extent.get('trials')), from: 'history'};
  if (node.cost.estimateMs === undefined) return undefined;
  return {ms: node.cost.estimateMs, from: node.rule === 'hpo' || node.rule === 'training' ? 'file' : 'rule'};
}

function scaled(durationMs: number, before: unknown, now: unknown): number {
  return typeof before === 'number' && typeof now === 'number' && before > 0 ? (durationMs * now) / before : durationMs;
}
