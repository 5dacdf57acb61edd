// Runs what the loop releases: a queue a pool, the longest critical path first. Knows nothing of nodes.
import PQueue from 'p-queue';

export interface Pools {
  /** Runs the task when its pool has a free slot; the higher priority first, equal ones in the order of the calls. */
  run(pool: string, priority: number, task: () => Promise<void>): Promise<void>;
  /** Until `resume`, nothing new begins. */
  pause(): void;
  resume(): void;
}

/** A pool that is not named in `capacities` is the engine's own: one task at a time. */
export function makePools(capacities: ReadonlyMap<string, number>, jobs: number): Pools {
  const inside = new PQueue({concurrency: 1});
  const queues = new Map([...capacities].map(([name, capacity]) => [name, new PQueue({concurrency: Math.min(capacity, jobs)})]));
  // --jobs bounds what runs in all pools together; a task enters here only with its pool's slot in hand.
  const all = new PQueue({concurrency: jobs});
  return {
    run: async (pool, priority, task) => {
      const queue = queues.get(pool);
      await (queue === undefined ? inside.add(task, {priority}) : queue.add(() => all.add(task, {priority}), {priority}));
    },
    pause: () => {
      for (const queue of [inside, ...queues.values()]) queue.pause();
    },
    resume: () => {
      for (const queue of [inside, ...queues.values()]) queue.start();
    },
  };
}
