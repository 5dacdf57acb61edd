// Which study of a phase's budget goes first, and what waits for it. Pure; the plan keeps the order.
import type {NodeId} from '../base/ids.ts';
import type {Phase} from '../config/study.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node} from '../graph/node.ts';
import type {Forecast} from './verdicts.ts';

export interface CanaryGroup {
  /**
   * The studies of one budget in one phase, in the order of the file: the first of them that can run is the canary. Where nothing is searched,
   * the trainings.
   */
  readonly studies: readonly Node[];
  /** What spends in that budget, the studies among it. */
  readonly members: readonly Node[];
}

export function canaryGroups(phases: readonly Phase[], graph: Graph, order: readonly Node[]): readonly CanaryGroup[] {
  const careful = new Set(phases.filter(({canary}) => canary === 'budget').map(({name}) => name));
  if (careful.size === 0) return [];
  const wanted = new Set(order);
  const groups = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    const {phase, rule, dims} = node;
    if (!wanted.has(node) || phase === undefined || !careful.has(phase) || (rule !== 'hpo' && rule !== 'training')) continue;
    const name = JSON.stringify([phase, dims.get('budget')]);
    const members = groups.get(name) ?? [];
    members.push(node);
    groups.set(name, members);
  }
  return [...groups.values()].map((members) => {
    const searches = members.filter(({rule}) => rule === 'hpo');
    return {members, studies: searches.length > 0 ? searches : members};
  });
}

/** Node -> the canary that it will wait for, as things stand: a fresh canary holds nobody, and for a refused one the next study goes. */
export function forecastCanaries(groups: readonly CanaryGroup[], forecasts: ReadonlyMap<NodeId, Forecast>): ReadonlyMap<NodeId, Node> {
  const waits = new Map<NodeId, Node>();
  for (const {studies, members} of groups) {
    const canary = studies.find(({id}) => forecasts.get(id)?.will !== 'be_refused');
    const will = canary === undefined ? undefined : forecasts.get(canary.id)?.will;
    if (canary === undefined || (will !== 'run' && will !== 'follow')) continue;
    for (const member of members) if (member !== canary) waits.set(member.id, canary);
  }
  return waits;
}

/** The same graph with one more thing to wait for. */
export function withCanaries(graph: Graph, waits: ReadonlyMap<NodeId, Node>): Graph {
  if (waits.size === 0) return graph;
  const held = new Map<NodeId, Node[]>();
  for (const [id, canary] of waits) held.set(canary.id, [...(held.get(canary.id) ?? []), graph.get(id)]);
  return {
    ...graph,
    producersOf: (node) => withOne(graph.producersOf(node), waits.get(node.id)),
    consumersOf: (node) => [...new Set([...graph.consumersOf(node), ...(held.get(node.id) ?? [])])],
  };
}

function withOne(nodes: readonly Node[], one: Node | undefined): readonly Node[] {
  return one === undefined || nodes.includes(one) ? nodes : [...nodes, one];
}
