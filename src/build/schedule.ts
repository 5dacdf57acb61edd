// How long a plan takes by the clock: plays the build's own rules (pools, jobs, longest critical path first) over estimates. Pure.
import {Heap} from '../base/heap.ts';
import type {NodeId} from '../base/ids.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node} from '../graph/node.ts';

export interface Schedule {
  readonly graph: Graph;
  /** What runs, producers first. What a node needs beside these is there already. */
  readonly order: readonly Node[];
  readonly msOf: (node: Node) => number;
  readonly priorities: ReadonlyMap<NodeId, number>;
  /** Pool -> slots. Work in no pool is the engine's: one at a time, beside the jobs. */
  readonly pools: ReadonlyMap<string, number>;
  readonly jobs: number;
}

interface Ready {
  readonly node: Node;
  readonly priority: number;
  readonly place: number;
}

interface Pool {
  readonly waiting: Heap<Ready>;
  free: number;
  readonly countsAsJob: boolean;
}

/** Milliseconds until the last one ends. List scheduling: O(n log n). */
export function simulate(schedule: Schedule): number {
  return new Simulation(schedule).run();
}

class Simulation {
  readonly #schedule: Schedule;
  readonly #places: ReadonlyMap<NodeId, number>;
  readonly #unmet: Map<NodeId, number>;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #engine: Pool = {waiting: new Heap(isFirst), free: 1, countsAsJob: false};
  readonly #ends = new Heap<{readonly at: number; readonly node: Node; readonly pool: Pool}>((left, right) => left.at < right.at);
  readonly #collectors: Node[];
  #freeJobs: number;
  #now = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#places = new Map(schedule.order.map((node, place) => [node.id, place]));
    this.#unmet = new Map(
      schedule.order.map((node) => [node.id, schedule.graph.producersOf(node).filter(({id}) => this.#places.has(id)).length]),
    );
    this.#pools = new Map(
      [...schedule.pools].map(([name, free]): [string, Pool] => [name, {waiting: new Heap(isFirst), free, countsAsJob: true}]),
    );
    this.#freeJobs = schedule.jobs;
    this.#collectors = schedule.order.filter((node) => node.work.kind === 'report');
  }

  run(): number {
    for (const node of this.#schedule.order) if (this.#unmet.get(node.id) === 0 && node.work.kind !== 'report') this.#makeReady(node);
    this.#playOut();
    // The report waits for everything else.
    for (const node of this.#collectors) this.#makeReady(node);
    this.#playOut();
    return this.#now;
  }

  #playOut(): void {
    this.#startAll();
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      this.#now = end.at;
      end.pool.free++;
      if (end.pool.countsAsJob) this.#freeJobs++;
      this.#release(end.node);
      // All that ends at one moment makes room before the next starts.
      if (this.#ends.peek()?.at !== this.#now) this.#startAll();
    }
  }

  #release(node: Node): void {
    for (const consumer of this.#schedule.graph.consumersOf(node)) {
      const unmet = this.#unmet.get(consumer.id);
      if (unmet === undefined) continue;
      this.#unmet.set(consumer.id, unmet - 1);
      if (unmet === 1) this.#makeReady(consumer);
    }
  }

  #makeReady(node: Node): void {
    const priority = this.#schedule.priorities.get(node.id) ?? 0;
    this.#poolOf(node).waiting.push({node, priority, place: this.#places.get(node.id) ?? 0});
  }

  #poolOf({cost}: Node): Pool {
    return (cost.pool === undefined ? undefined : this.#pools.get(cost.pool)) ?? this.#engine;
  }

  #startAll(): void {
    this.#start(this.#engine);
    for (let pool = this.#next(); pool !== undefined; pool = this.#next()) this.#start(pool);
  }

  // Of the pools with room the one whose first in line is most urgent: where --jobs is the bound, they compete.
  #next(): Pool | undefined {
    if (this.#freeJobs === 0) return undefined;
    let best: {readonly pool: Pool; readonly first: Ready} | undefined;
    for (const pool of this.#pools.values()) {
      const first = pool.waiting.peek();
      if (pool.free > 0 && first !== undefined && (best === undefined || isFirst(first, best.first))) best = {pool, first};
    }
    return best?.pool;
  }

  #start(pool: Pool): void {
    if (pool.free === 0) return;
    const ready = pool.waiting.pop();
    if (ready === undefined) return;
    pool.free--;
    if (pool.countsAsJob) this.#freeJobs--;
    this.#ends.push({at: this.#now + this.#schedule.msOf(ready.node), node: ready.node, pool});
  }
}

function isFirst(left: Ready, right: Ready): boolean {
  return left.priority > right.priority || (left.priority === right.priority && left.place < right.place);
}
