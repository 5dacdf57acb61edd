// The states of the wanted nodes and how they follow each other. Pure: it starts nothing and reads nothing.
//
//   waiting --(producers settled well)--> held? --(let go)--> ready --> running --> done | failed
//      \--(a producer or the canary failed or is blocked)--> blocked; a partial one counts as well settled where that is accepted
//
// What spends is held until the gates were looked at, which is when all that makes their inputs is settled; and, in a phase with a canary,
// until that one has succeeded. A canary that is refused or blocked has spent nothing and says nothing: the next study of its budget is the canary.
// A node that collects (the report) waits until everything else is settled, however it ended.
import type {NodeId} from '../base/ids.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node} from '../graph/node.ts';
import type {CanaryGroup} from './canary.ts';
import type {Outcome} from './events.ts';

export type NodeState =
  {readonly at: 'waiting'; readonly unmet: number} | {readonly at: 'held'} | {readonly at: 'ready'} | {readonly at: 'running'} | Outcome;

export interface Holds {
  readonly canaries: readonly CanaryGroup[];
  /** What spends waits for `openGates`. */
  readonly gated: boolean;
}

interface Group extends CanaryGroup {
  canary: Node | undefined;
}

export class Plan {
  readonly order: readonly Node[];
  readonly #graph: Graph;
  readonly #states = new Map<NodeId, NodeState>();
  readonly #ready: Node[] = [];
  #open: number;
  readonly #last: readonly Node[];
  readonly #groups = new Map<NodeId, Group>();
  /** Nodes that were held since they were last asked for. */
  readonly #held: Node[] = [];
  /** Nodes whose ends the gates wait for; undefined once the gates are open. */
  #beforeGates: Set<Node> | undefined;
  #gatesAreTaken = false;

  constructor(graph: Graph, order: readonly Node[], holds: Holds = {canaries: [], gated: false}) {
    this.#graph = graph;
    this.order = order;
    this.#open = order.length;
    this.#last = order.filter((node) => node.work.kind === 'report');
    for (const group of holds.canaries) {
      const watched: Group = {...group, canary: group.studies[0]};
      for (const member of group.members) this.#groups.set(member.id, watched);
    }
    if (holds.gated) this.#beforeGates = nodesBeforeSpending(graph, order);
    for (const node of order) this.#enter(node);
    this.#releaseLast();
  }

  stateOf(node: Node): NodeState | undefined {
    return this.#states.get(node.id);
  }

  /** Whether it runs, or is settled. */
  hasBegun(node: Node): boolean {
    const at = this.#states.get(node.id)?.at;
    return at !== 'waiting' && at !== 'held' && at !== 'ready';
  }

  get isSettled(): boolean {
    return this.#open === 0;
  }

  /** Every ready node, once; they count as running until they are settled. */
  takeReady(): readonly Node[] {
    const taken = this.#ready.splice(0);
    for (const node of taken) this.#states.set(node.id, {at: 'running'});
    return taken;
  }

  /** Every node that now waits for nothing but its canary, once for each canary. */
  takeHeld(): readonly {readonly node: Node; readonly by: Node}[] {
    const held = this.#held.splice(0);
    // Once the gates are open, those that still wait come again.
    if (this.#beforeGates !== undefined) return [];
    return held.flatMap((node) => {
      const by = this.#canaryBefore(node);
      return by === undefined || this.#states.get(node.id)?.at !== 'held' ? [] : [{node, by}];
    });
  }

  /** Whether the gates are to be looked at now; true once. */
  takeGates(): boolean {
    if (this.#gatesAreTaken || this.#beforeGates === undefined || this.#beforeGates.size > 0) return false;
    this.#gatesAreTaken = true;
    return true;
  }

  openGates(): void {
    this.#beforeGates = undefined;
    for (const node of this.order) this.#letGo(node);
  }

  /** Records how a node ended; returns the nodes that are blocked by it, transitively. */
  settle(node: Node, outcome: Outcome): readonly Node[] {
    const blocked: Node[] = [];
    this.#close(node, outcome, blocked);
    this.#releaseLast();
    return blocked;
  }

  /** Blocks everything that has not begun: after --fail-fast, an interrupt, or a gate. */
  abandon(by: Node): readonly Node[] {
    const blocked: Node[] = [];
    this.#ready.length = 0;
    for (const node of this.order) {
      if (this.hasBegun(node)) continue;
      this.#states.set(node.id, {at: 'blocked', by});
      this.#open--;
      blocked.push(node);
    }
    return blocked;
  }

  #enter(node: Node): void {
    const unmet = this.#graph.producersOf(node).length;
    if (unmet > 0 || this.#last.includes(node)) this.#states.set(node.id, {at: 'waiting', unmet});
    else this.#release(node);
  }

  #release(node: Node): void {
    if (this.#isHeld(node)) {
      this.#states.set(node.id, {at: 'held'});
      this.#held.push(node);
      return;
    }
    this.#states.set(node.id, {at: 'ready'});
    this.#ready.push(node);
  }

  #isHeld(node: Node): boolean {
    return (this.#beforeGates !== undefined && spends(node)) || this.#canaryBefore(node) !== undefined;
  }

  #canaryBefore(node: Node): Node | undefined {
    const canary = this.#groups.get(node.id)?.canary;
    return canary === node ? undefined : canary;
  }

  #letGo(node: Node): void {
    if (this.#states.get(node.id)?.at === 'held') this.#release(node);
  }

  #close(node: Node, outcome: Outcome, blocked: Node[]): void {
    this.#states.set(node.id, outcome);
    this.#open--;
    this.#beforeGates?.delete(node);
    for (const consumer of this.#graph.consumersOf(node)) {
      const state = this.#states.get(consumer.id);
      if (state?.at !== 'waiting') continue;
      if (!suffices(node, outcome)) this.#block(consumer, {by: node, outcome}, blocked);
      else if (state.unmet === 1) this.#release(consumer);
      else this.#states.set(consumer.id, {at: 'waiting', unmet: state.unmet - 1});
    }
    const group = this.#groups.get(node.id);
    if (group?.canary === node) this.#closeCanary(group, {by: node, outcome}, blocked);
  }

  #closeCanary(group: Group, end: Ended, blocked: Node[]): void {
    if (suffices(end.by, end.outcome)) group.canary = undefined;
    else if (spentNothing(end.outcome)) group.canary = group.studies.find((study) => !this.hasBegun(study));
    else for (const member of group.members) if (!this.hasBegun(member)) this.#block(member, end, blocked);
    for (const member of group.members) this.#letGo(member);
  }

  #block(node: Node, {by, outcome}: Ended, blocked: Node[]): void {
    blocked.push(node);
    this.#close(node, {at: 'blocked', by: outcome.at === 'blocked' ? outcome.by : by}, blocked);
  }

  #releaseLast(): void {
    if (this.#last.length === 0 || this.#open !== this.#last.length) return;
    for (const node of this.#last) if (this.#states.get(node.id)?.at === 'waiting') this.#release(node);
  }
}

interface Ended {
  readonly by: Node;
  readonly outcome: Outcome;
}

function suffices(node: Node, outcome: Outcome): boolean {
  return outcome.at === 'done' || (outcome.at === 'failed' && outcome.status === 'partial' && node.partialSuffices === true);
}

function spentNothing(outcome: Outcome): boolean {
  return outcome.at === 'blocked' || (outcome.at === 'failed' && outcome.status === 'refused');
}

/** Whether a node is what the hours go into. */
export function spends({rule}: Node): boolean {
  return rule === 'hpo' || rule === 'training';
}

// What makes the inputs that the gates look at: everything that needs nothing of what spends. The order has producers first.
function nodesBeforeSpending(graph: Graph, order: readonly Node[]): Set<Node> {
  const before = new Set<Node>();
  for (const node of order) {
    if (spends(node) || node.work.kind === 'report') continue;
    const wanted = graph.producersOf(node);
    if (wanted.every((producer) => before.has(producer))) before.add(node);
  }
  return before;
}
