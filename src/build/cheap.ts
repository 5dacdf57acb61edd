// What of a build costs next to nothing: scripts, borrowed parameters and the report. The part of a plan that can be made without the rest.
import type {NodeId} from '../base/ids.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node, RuleName} from '../graph/node.ts';
import type {Forecast} from './verdicts.ts';

const cheapRules: ReadonlySet<RuleName> = new Set(['script', 'borrow', 'report']);

export function isCheap({rule}: Node): boolean {
  return cheapRules.has(rule);
}

export type Forecasts = ReadonlyMap<NodeId, Forecast>;

/** Cheap nodes of which everything that they need is there or is cheap itself, with that: producers first, as in `order`. */
export function cheapPart(graph: Graph, order: readonly Node[], forecasts: Forecasts): readonly Node[] {
  const part = new Set<NodeId>();
  for (const node of order) {
    const isThere = forecasts.get(node.id)?.will === 'stay';
    if ((isThere || isCheap(node)) && graph.producersOf(node).every(({id}) => part.has(id))) part.add(node.id);
  }
  return order.filter(({id}) => part.has(id));
}

/** What would run of itself, whatever comes of the rest. */
export function startersOf(part: readonly Node[], forecasts: Forecasts): readonly Node[] {
  return part.filter(({id}) => {
    const will = forecasts.get(id)?.will;
    return will === 'run' || will === 'be_restored';
  });
}
