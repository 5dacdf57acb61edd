// The order of a build: what a set of targets needs, producers first, and how long the chain behind each node is.
import type {NodeId} from '../base/ids.ts';
import type {Graph} from './graph.ts';
import type {Node} from './node.ts';

/** The wanted nodes and everything they need, producers before consumers, otherwise in file order. */
export function neededFor(graph: Graph, wanted: readonly Node[]): readonly Node[] {
  const needed = new Set<Node>();
  const open = [...wanted];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    open.push(...graph.producersOf(node));
  }
  const order = producersFirst(
    graph,
    graph.nodes.filter((node) => needed.has(node)),
  );
  // What collects the standing of others comes last, though it needs none of them to succeed.
  return [...order.filter((node) => node.collects.length === 0), ...order.filter((node) => node.collects.length > 0)];
}

function producersFirst(graph: Graph, nodes: readonly Node[]): readonly Node[] {
  const unmet = new Map(nodes.map((node) => [node.id, graph.producersOf(node).length]));
  const order: Node[] = nodes.filter((node) => unmet.get(node.id) === 0);
  for (let next = 0; next < order.length; next++) {
    const node = order[next];
    if (node === undefined) break;
    for (const consumer of graph.consumersOf(node)) {
      const left = unmet.get(consumer.id);
      if (left === undefined) continue;
      unmet.set(consumer.id, left - 1);
      if (left === 1) order.push(consumer);
    }
  }
  return order;
}

/** For each node, its own cost and that of the costliest chain of nodes behind it: who comes first among the ready. */
export function criticalPaths(graph: Graph, order: readonly Node[], costOf: (node: Node) => number): ReadonlyMap<NodeId, number> {
  const paths = new Map<NodeId, number>();
  for (const node of order.toReversed()) {
    let longest = 0;
    for (const consumer of graph.consumersOf(node)) longest = Math.max(longest, paths.get(consumer.id) ?? 0);
    paths.set(node.id, costOf(node) + longest);
  }
  return paths;
}
