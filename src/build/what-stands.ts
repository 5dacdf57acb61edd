// Finds the success of fewer trials that a failed or interrupted top-up leaves as it was. Judges nothing.
import type {Key} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import type {Trace} from '../state/trace.ts';
import {endedTrialsIn} from './effort.ts';
import {placeOf} from './keep.ts';
import type {Session} from './session.ts';

/** Of a search that was whole under this key: its best parameters are written at the end only, and its trials only added to. */
export function findWhatStands(session: Session, node: Node, key: Key): Trace | undefined {
  const {lastTrace} = session.store.standingOf(node.id);
  const place = placeOf(node);
  const trials = lastTrace?.extent['trials'];
  const [first] = node.outputs;
  if (lastTrace === undefined || lastTrace.key !== key || place === undefined || typeof trials !== 'number' || first === undefined)
    return undefined;
  session.world.refresh();
  const now = new Map(node.outputs.map(({path}) => [path, session.world.digestOf(path)]));
  const recorded = new Map(lastTrace.outputs);
  const isWhole = [...now.values()].every((digest) => digest !== 'missing') && now.get(first.path) === recorded.get(first.path);
  const hasTrials = !node.outputs.some(({path}) => path.endsWith('/trials.jsonl')) || endedTrialsIn(session.disk, place) >= trials;
  return isWhole && hasTrials ? {...lastTrace, outputs: [...now]} : undefined;
}
