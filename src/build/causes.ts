// Where staleness comes from and where it goes: the nodes that are stale of themselves, and all that follows from the same causes. Pure.
import type {NodeId} from '../base/ids.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node} from '../graph/node.ts';
import type {Forecast} from './verdicts.ts';

export interface Cause {
  /** Equal texts are one cause. */
  readonly text: string;
  /** Nodes that it makes stale directly, in the order of the build. */
  readonly nodes: readonly Node[];
}

interface Plan {
  readonly graph: Graph;
  /** The whole graph, producers first. */
  readonly order: readonly Node[];
  readonly forecasts: ReadonlyMap<NodeId, Forecast>;
  /** What makes a node stale of itself: a text of its own where it shares it with nobody, undefined where it is only what others became. */
  readonly textOf: (node: Node) => string | undefined;
}

export interface Causes {
  /** Root causes of a stale node, nearest to the root first. */
  of(node: Node): readonly Cause[];
  /** Every stale node that shares a cause with this one, itself included, in the order of the build. */
  sharing(node: Node): readonly Node[];
}

export function causesIn(plan: Plan): Causes {
  const roots = new Map<string, Node[]>();
  const texts = new Map<NodeId, string>();
  const places = new Map(plan.order.map((node, place) => [node.id, place]));
  for (const node of plan.order) {
    const text = plan.forecasts.get(node.id)?.will === 'run' ? plan.textOf(node) : undefined;
    if (text === undefined) continue;
    texts.set(node.id, text);
    const group = roots.get(text);
    if (group === undefined) roots.set(text, [node]);
    else group.push(node);
  }
  const inOrder = (nodes: Iterable<Node>): Node[] =>
    [...nodes].sort((left, right) => (places.get(left.id) ?? 0) - (places.get(right.id) ?? 0));
  const textsFor = (node: Node): readonly string[] => {
    const before = reach([node], (here) => producersOf(plan.graph, here).filter((producer) => isStale(plan, producer)));
    return [...new Set(inOrder(before).flatMap(({id}) => texts.get(id) ?? []))];
  };
  return {
    of: (node) => textsFor(node).map((text) => ({text, nodes: roots.get(text) ?? []})),
    sharing: (node) => {
      const starts = [node, ...textsFor(node).flatMap((text) => roots.get(text) ?? [])];
      return inOrder(reach(starts, (here) => consumersOf(plan, here).filter((consumer) => isStale(plan, consumer))));
    },
  };
}

function isStale({forecasts}: Plan, node: Node): boolean {
  const will = forecasts.get(node.id)?.will;
  return will === 'run' || will === 'follow';
}

// The report rests on everything that it collects.
function producersOf(graph: Graph, node: Node): readonly Node[] {
  return node.collects.length > 0 ? node.collects.map((id) => graph.get(id)) : graph.producersOf(node);
}

function consumersOf({graph, order}: Plan, node: Node): readonly Node[] {
  const collector = order.at(-1);
  const isCollected = node.experiment !== undefined && collector !== undefined && collector.collects.length > 0;
  return isCollected ? [...graph.consumersOf(node), collector] : graph.consumersOf(node);
}

function reach(starts: readonly Node[], next: (node: Node) => readonly Node[]): ReadonlySet<Node> {
  const reached = new Set<Node>();
  const open = [...starts];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    open.push(...next(node));
  }
  return reached;
}
