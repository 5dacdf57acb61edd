// Work of today's key that was begun and not ended, whatever stopped it: how far it came. Looks only.
import type {Node} from '../graph/node.ts';
import type {Verdict} from '../state/judge.ts';
import {endedTrialsIn, trialsOf} from './effort.ts';
import {killedReason} from './runner.ts';
import type {Session} from './session.ts';

export interface Partial {
  /** Trials that ended, of those wanted; null of a training, which goes on from its last checkpoint. */
  readonly trials: {readonly done: number; readonly expected: number} | null;
  /** What stopped it. */
  readonly reason: string;
}

/** Ends of a job that say nothing against it: a signal of ours or of somebody else's. */
const endings: readonly (string | undefined)[] = ['signal', killedReason];

/** Undefined where nothing lies there to go on with, and where it failed by itself: that is told as a failure. */
export function findPartial(session: Session, node: Node, verdict: Verdict): Partial | undefined {
  if (verdict.is !== 'stale' || verdict.reason.because !== 'unfinished' || node.work.kind !== 'job') return undefined;
  const {status, message} = verdict.reason;
  const wasStopped = status !== 'failed' || endings.includes(session.store.standingOf(node.id).ended?.reason);
  if (!wasStopped) return undefined;
  const reason = status === 'partial' ? message : `interrupted: ${message}`;
  const {output} = node.work.job;
  const expected = trialsOf(node);
  if (expected !== null) {
    const done = endedTrialsIn(session.disk, output);
    return done > 0 || status === 'partial' ? {trials: {done, expected}, reason} : undefined;
  }
  return session.disk.stat(`${output}/checkpoints/last.pt`) === 'missing' ? undefined : {trials: null, reason};
}

/** `2/6: interrupted: the engine ended while it ran`. */
export function describePartial({trials, reason}: Partial): string {
  return trials === null ? reason : `${describeCount(trials)}: ${reason}`;
}

export function describeCount({done, expected}: NonNullable<Partial['trials']>): string {
  return `${String(done)}/${String(expected)}`;
}
