// What a plan costs: an estimate for each node of it, in all, and with the pools and jobs given. Looks at the state, runs nothing.
import type {NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {criticalPaths} from '../graph/order.ts';
import {canaryGroups, forecastCanaries, withCanaries} from './canary.ts';
import {estimateIn, makeEstimator, type Cost, type Estimate} from './estimate.ts';
import {historyOf} from './history.ts';
import {spends} from './plan.ts';
import {samplesOf} from './samples.ts';
import {simulate} from './schedule.ts';
import type {Session} from './session.ts';
import type {Forecast} from './verdicts.ts';
import {workToDo} from './work-to-do.ts';

/** What nodes cost by all that this workspace has run and by how they stand: the one answer that plan, `why`, `status`, `diff` and guards read. */
export type Pricer = (node: Node) => Cost;

/** What stays, is restored or is refused costs nothing, and so does what of a study is there already. */
export function openPricer(session: Session, forecasts: ReadonlyMap<NodeId, Forecast>): Pricer {
  const estimator = makeEstimator(historyOf(samplesOf(session)));
  const trainingOf = workToDo(session, forecasts);
  return (node) => {
    const entry = forecasts.get(node.id);
    if (entry?.will !== 'run' && entry?.will !== 'follow') return 'nothing';
    const {id, rule, cost} = node;
    return spends(node) ? estimator.training(trainingOf(node, entry)) : estimator.step({node: id, rule, statedMs: cost.estimateMs});
  };
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
  /** Nodes that would run and have no estimate: how many, and which. */
  readonly unknown: number;
  readonly unpriced: ReadonlySet<NodeId>;
}

export interface PlanOf {
  readonly session: Session;
  readonly order: readonly Node[];
  readonly forecasts: ReadonlyMap<NodeId, Forecast>;
  readonly jobs: number;
}

/** A node that only follows may turn out to be fresh; it is counted as if it ran. */
export function priceOf({session, order, forecasts, jobs}: PlanOf, price: Pricer = openPricer(session, forecasts)): Price {
  const running = order.filter((node) => runs(forecasts.get(node.id)));
  const of = new Map<NodeId, Estimate>();
  const unpriced = new Set<NodeId>();
  for (const node of running) {
    const cost = price(node);
    const estimate = estimateIn(cost);
    if (estimate !== undefined) of.set(node.id, estimate);
    if (cost === 'unknown') unpriced.add(node.id);
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
    unknown: unpriced.size,
    unpriced,
  };
}

export function runs(forecast: Forecast | undefined): boolean {
  return forecast?.will === 'run' || forecast?.will === 'follow';
}
