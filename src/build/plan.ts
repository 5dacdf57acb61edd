// The states of the wanted nodes and how they follow each other. Pure: it starts nothing and reads nothing.
//
//   waiting --(producers settled well)--> ready --> running --> done | failed
//      \--(a producer failed or is blocked)--> blocked; a partial one counts as well settled where that is accepted
//
// A node that collects (the report) waits until everything else is settled, however it ended.
import type {NodeId} from '../base/ids.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node} from '../graph/node.ts';
import type {Outcome} from './events.ts';

export type NodeState = {readonly at: 'waiting'; readonly unmet: number} | {readonly at: 'ready'} | {readonly at: 'running'} | Outcome;

export class Plan {
  readonly order: readonly Node[];
  readonly #graph: Graph;
  readonly #states = new Map<NodeId, NodeState>();
  readonly #ready: Node[] = [];
  #open: number;
  readonly #last: readonly Node[];

  constructor(graph: Graph, order: readonly Node[]) {
    this.#graph = graph;
    this.order = order;
    this.#open = order.length;
    this.#last = order.filter((node) => node.work.kind === 'report');
    for (const node of order) this.#enter(node);
    this.#releaseLast();
  }

  stateOf(node: Node): NodeState | undefined {
    return this.#states.get(node.id);
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

  /** Records how a running node ended; returns the nodes that are blocked by it, transitively. */
  settle(node: Node, outcome: Outcome): readonly Node[] {
    const blocked: Node[] = [];
    this.#close(node, outcome, blocked);
    this.#releaseLast();
    return blocked;
  }

  /** Blocks everything that has not begun: after --fail-fast or an interrupt. */
  abandon(by: Node): readonly Node[] {
    const blocked: Node[] = [];
    this.#ready.length = 0;
    for (const node of this.order) {
      const state = this.#states.get(node.id);
      if (state?.at === 'waiting' || state?.at === 'ready') {
        this.#states.set(node.id, {at: 'blocked', by});
        this.#open--;
        blocked.push(node);
      }
    }
    return blocked;
  }

  #enter(node: Node): void {
    const unmet = this.#graph.producersOf(node).length;
    if (unmet > 0 || this.#last.includes(node)) this.#states.set(node.id, {at: 'waiting', unmet});
    else this.#release(node);
  }

  #release(node: Node): void {
    this.#states.set(node.id, {at: 'ready'});
    this.#ready.push(node);
  }

  #close(node: Node, outcome: Outcome, blocked: Node[]): void {
    this.#states.set(node.id, outcome);
    this.#open--;
    for (const consumer of this.#graph.consumersOf(node)) {
      const state = this.#states.get(consumer.id);
      if (state?.at !== 'waiting') continue;
      if (!suffices(node, outcome)) {
        blocked.push(consumer);
        this.#close(consumer, {at: 'blocked', by: outcome.at === 'blocked' ? outcome.by : node}, blocked);
      } else if (state.unmet === 1) this.#release(consumer);
      else this.#states.set(consumer.id, {at: 'waiting', unmet: state.unmet - 1});
    }
  }

  #releaseLast(): void {
    if (this.#last.length === 0 || this.#open !== this.#last.length) return;
    for (const node of this.#last) if (this.#states.get(node.id)?.at === 'waiting') this.#release(node);
  }
}

function suffices(node: Node, outcome: Outcome): boolean {
  return outcome.at === 'done' || (outcome.at === 'failed' && outcome.status === 'partial' && node.partialSuffices === true);
}
