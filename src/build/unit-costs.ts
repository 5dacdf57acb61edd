// What a unit of work costs as a function of the parameter count, from runs near that size. Refuses where there is none. Pure.

/** One run: what a unit of its work took, and how large its models were. */
export interface Point {
  readonly size: number;
  readonly ms: number;
}

export interface UnitCost {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

/** Beyond this factor in parameters nothing is drawn out. */
export const reach = 3;
/** No measurement is better than this: machines are warm or busy. */
const leastSpread = 0.3;
/** Of one run or two nobody knows the spread; real searches of one budget were 3.5 times apart (bench/price-backtest.ts). */
const fewFactor = 3;
const fewRuns = 3;
/** Within reach, time goes with the size to this power: between models that fill the machine (1) and those that wait for it (0). */
const power = 0.75;

/**
 * Sizes within reach count, the nearer the more, each carried over to the size that is asked for. What a larger model takes is never less than what a smaller one took,
 * so that runs that were busy or small for other reasons do not make large models cheap.
 */
export function makeUnitCosts(points: readonly Point[]): (size: number) => UnitCost | undefined {
  const levels = levelsOf(points);
  return (size) => {
    const near = points.filter((point) => isNear(point.size, size));
    if (near.length === 0) return undefined;
    const carried = near.map((point) => carry(point, size)).toSorted((left, right) => left.ms - right.ms);
    const ms = Math.max(quantile(carried, 0.5), floorAt(levels, size));
    const spread = near.length < fewRuns ? fewFactor : 1 + leastSpread;
    // A size that nobody ran is less sure than one that was.
    const gap = Math.min(...near.map((point) => ratio(point.size, size))) ** 0.5;
    return {
      ms,
      lowMs: Math.min(quantile(carried, 0.05), ms / spread) / gap,
      highMs: Math.max(quantile(carried, 0.95), ms * spread) * gap,
    };
  };
}

/** What this run says of another size. */
export function carriedTo({size, ms}: Point, other: number): number {
  return ms * (other / size) ** power;
}

export function isNear(left: number, right: number): boolean {
  return ratio(left, right) <= reach;
}

function ratio(left: number, right: number): number {
  return Math.max(left, right) / Math.min(left, right);
}

interface Weighted {
  readonly ms: number;
  readonly weight: number;
}

function carry(point: Point, size: number): Weighted {
  return {ms: carriedTo(point, size), weight: 1 / (0.2 + Math.log(ratio(point.size, size)))};
}

interface Level {
  readonly size: number;
  /** The most that any size up to this one takes. */
  readonly ms: number;
}

// Sizes to two digits: of thousands of runs there are few.
function levelsOf(points: readonly Point[]): readonly Level[] {
  const sizes = [...new Set(points.map(({size}) => Number(size.toPrecision(2))))].toSorted((left, right) => left - right);
  let most = 0;
  return sizes.map((size) => {
    const near = points.filter((point) => isNear(point.size, size)).map((point) => carry(point, size));
    most = Math.max(
      most,
      quantile(
        near.toSorted((left, right) => left.ms - right.ms),
        0.5,
      ),
    );
    return {size, ms: most};
  });
}

function floorAt(levels: readonly Level[], size: number): number {
  return levels.findLast((level) => level.size <= size)?.ms ?? 0;
}

/** Of weighted values in their order: the first at which more than so large a share of the weight is reached. */
function quantile(ordered: readonly Weighted[], share: number): number {
  const total = ordered.reduce((sum, {weight}) => sum + weight, 0);
  let reached = 0;
  for (const {ms, weight} of ordered) {
    reached += weight;
    if (reached > share * total) return ms;
  }
  return ordered.at(-1)?.ms ?? 0;
}
