// What a plan costs: an estimate for each node of it, in all, and with the pools and jobs given. Looks at the state, runs nothing.
import type {NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {criticalPaths} from '../graph/order.ts';
import type {Effort, Trace} from '../state/trace.ts';
import {canaryGroups, forecastCanaries, withCanaries} from './canary.ts';
import {endedTrialsIn, sizeOf, trialsOf} from './effort.ts';
import {makeEstimator, type Estimate} from './estimate.ts';
import {historyOf, sampleOf, type Sample} from './history.ts';
import {simulate} from './schedule.ts';
import type {Session} from './session.ts';
import type {Forecast} from './verdicts.ts';

/** Estimates nodes by all that this workspace has run; `undefined` where neither it nor the file knows anything. */
export type Pricer = (node: Node, entry?: Forecast) => Estimate | undefined;

/** With the forecast of a node, what a study of its key has done already is not paid again. */
export function openPricer(session: Session): Pricer {
  const estimate = makeEstimator(historyOf(samplesOf(session)));
  return (node, entry) => {
    const trials = trialsOf(node);
    return estimate({
      node: node.id,
      rule: node.rule,
      size: sizeOf(node),
      units: trials === null ? 1 : Math.max(0, trials - endedTrials(session, node, entry)),
      statedUnitMs: node.cost.estimateMs === undefined ? undefined : node.cost.estimateMs / (trials ?? 1),
    });
  };
}

function* samplesOf({store, graph}: Session): Iterable<Sample> {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  for (const id of store.known()) {
    const trace = store.standingOf(id).lastTrace;
    if (trace === undefined) continue;
    const sample = sampleOf(trace, trace.effort ?? effortByName(trace, nodes.get(id)));
    if (sample !== undefined) yield sample;
  }
}

// A record of an earlier version does not say what was paid for; the node of its name does.
function effortByName(trace: Trace, node: Node | undefined): Effort | undefined {
  const trials = trace.extent['trials'];
  return node === undefined ? undefined : {rule: node.rule, size: sizeOf(node), trials: typeof trials === 'number' ? trials : null};
}

function endedTrials(session: Session, node: Node, entry: Forecast | undefined): number {
  if (entry?.will === 'run' && entry.resumes !== undefined) return entry.resumes.trials;
  if (entry === undefined || node.work.kind !== 'job') return 0;
  return session.store.standingOf(node.id).lastKey === entry.verdict.key ? endedTrialsIn(session.disk, node.work.job.output) : 0;
}

export interface Range {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

export interface Price {
  readonly of: ReadonlyMap<NodeId, Estimate>;
  /** One node after the other: the compute that is paid for. */
  readonly sequential: Range;
  /** By the clock, with the pools and jobs given. */
  readonly parallel: Range;
  readonly jobs: number;
  /** Node -> the canary that it waits for. */
  readonly waits: ReadonlyMap<NodeId, Node>;
  /** Nodes that would run and have no estimate. */
  readonly unknown: number;
}

export interface PlanOf {
  readonly session: Session;
  readonly order: readonly Node[];
  readonly forecasts: ReadonlyMap<NodeId, Forecast>;
  readonly jobs: number;
}

/** A node that only follows may turn out to be fresh; it is counted as if it ran. */
export function priceOf({session, order, forecasts, jobs}: PlanOf, price: Pricer = openPricer(session)): Price {
  const running = order.filter((node) => runs(forecasts.get(node.id)));
  const of = new Map<NodeId, Estimate>();
  for (const node of running) {
    const estimate = price(node, forecasts.get(node.id));
    if (estimate !== undefined) of.set(node.id, estimate);
  }
  const waits = forecastCanaries(canaryGroups(session.study.phases, session.graph, order), forecasts);
  const graph = withCanaries(session.graph, waits);
  const priorities = criticalPaths(graph, running, (node) => of.get(node.id)?.ms ?? 0);
  const over = (bound: keyof Range): {sum: number; span: number} => {
    const msOf = (node: Node): number => of.get(node.id)?.[bound] ?? 0;
    return {
      sum: running.reduce((total, node) => total + msOf(node), 0),
      span: simulate({graph, order: running, msOf, priorities, pools: session.study.pools, jobs}),
    };
  };
  const [middle, low, high] = [over('ms'), over('lowMs'), over('highMs')];
  return {
    of,
    waits,
    sequential: {ms: middle.sum, lowMs: low.sum, highMs: high.sum},
    parallel: {ms: middle.span, lowMs: low.span, highMs: high.span},
    jobs,
    unknown: running.length - of.size,
  };
}

export function runs(forecast: Forecast | undefined): boolean {
  return forecast?.will === 'run' || forecast?.will === 'follow';
}
