// All runs that the state of the workspace knows of, as samples of history; runs of earlier versions by the results that lie there.
import type {Node} from '../graph/node.ts';
import type {Effort, Trace, Trained} from '../state/trace.ts';
import {sizeOf} from './effort.ts';
import {sampleOf, type Sample} from './history.ts';
import type {Session} from './session.ts';
import {trainedAt} from './trained.ts';

export function* samplesOf(session: Session): Iterable<Sample> {
  const {store, graph} = session;
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  for (const id of store.known()) {
    const trace = store.standingOf(id).lastTrace;
    if (trace === undefined) continue;
    const sample = sampleOf(trace, effortIn(session, trace, nodes.get(id)));
    if (sample !== undefined) yield sample;
  }
}

function effortIn(session: Session, trace: Trace, node: Node | undefined): Effort | undefined {
  const effort = trace.effort ?? effortByName(trace, node);
  if (effort === undefined || effort.trained !== undefined || (effort.rule !== 'hpo' && effort.rule !== 'training')) return effort;
  const trained = trainedByResult(session, trace);
  return trained === undefined ? effort : {...effort, trained};
}

// A record of an earlier version does not say what was paid for; the node of its name does.
function effortByName(trace: Trace, node: Node | undefined): Effort | undefined {
  const trials = trace.extent['trials'];
  return node === undefined ? undefined : {rule: node.rule, size: sizeOf(node), trials: typeof trials === 'number' ? trials : null};
}

// While it is the result that was recorded.
function trainedByResult({world, disk}: Session, {outputs}: Trace): Trained | undefined {
  const [path, digest] = outputs[0] ?? [];
  if (path === undefined || world.digestOf(path) !== digest) return undefined;
  return trainedAt({disk}, path);
}
