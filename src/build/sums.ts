// What several nodes together would cost, and how a study falls into groups by phase and budget.
import type {Node} from '../graph/node.ts';
import {estimateIn, type Cost} from './estimate.ts';

/** One after the other. */
export interface Sum {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
  /** Nodes that run and have no estimate. */
  readonly unknown: number;
}

export function sumOf(costs: Iterable<Cost>): Sum {
  const sum = {ms: 0, lowMs: 0, highMs: 0, unknown: 0};
  for (const cost of costs) {
    const estimate = estimateIn(cost);
    sum.ms += estimate?.ms ?? 0;
    sum.lowMs += estimate?.lowMs ?? 0;
    sum.highMs += estimate?.highMs ?? 0;
    if (cost === 'unknown') sum.unknown++;
  }
  return sum;
}

export interface Group<T> {
  /** Undefined for what belongs to the study as a whole. */
  readonly phase: string | undefined;
  readonly budget: string | undefined;
  readonly members: readonly T[];
}

/** In the order of their first members. */
export function groupByBudget<T extends {readonly node: Node}>(all: readonly T[]): readonly Group<T>[] {
  const groups = new Map<string, {phase: string | undefined; budget: string | undefined; members: T[]}>();
  for (const one of all) {
    const [phase, budget] = [one.node.phase, one.node.dims.get('budget')];
    const name = JSON.stringify([phase, budget]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, {phase, budget, members: [one]});
    else group.members.push(one);
  }
  return [...groups.values()];
}
