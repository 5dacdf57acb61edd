// Fits loss = E + A * N^-alpha, and compares it with a power law and with a constant. Pure.
import {fitLine, fitPowerLaw, logsOf, type FitPoint} from './fits.ts';

export type Shape = 'constant' | 'power' | 'power_with_offset';

export type SaturatingFit =
  | {
      readonly at: 'fitted';
      /** E: what no size gets below. */
      readonly offset: number;
      /** A */
      readonly scale: number;
      readonly alpha: number;
      /** Sum of squared residuals of the log loss. */
      readonly residualSquares: number;
    }
  | {readonly at: 'too_few_points'};

export type ShapeComparison =
  | {readonly at: 'compared'; readonly best: Shape; readonly shapes: readonly {readonly shape: Shape; readonly aicc: number}[]}
  | {readonly at: 'too_few_points'};

/** Parameters of the curve, the noise's variance not counted. */
const parametersOf: Readonly<Record<Shape, number>> = {constant: 1, power: 2, power_with_offset: 3};

/**
 * Least squares on the log loss by variable projection: for each alpha of a grid the best E and A (both 0 or more) follow in closed
 * form, so that the search has one dimension; golden sections refine the best alpha.
 */
export function fitSaturating(points: readonly FitPoint[]): SaturatingFit {
  const parameters = parametersOf.power_with_offset;
  const budgets = new Set(points.map((point) => point.n)).size;
  if (budgets <= parameters || points.length <= parameters + 1) return {at: 'too_few_points'};
  const reference = Math.exp(mean(points.map((point) => Math.log(point.n))));
  const at = (alpha: number): Projection => project(points, alpha, reference);
  const grid = Array.from({length: 90}, (_, step) => 0.01 * 1.07 ** step);
  const best = grid.reduce((left, right) => (at(right).residualSquares < at(left).residualSquares ? right : left));
  const alpha = minimise((candidate) => at(candidate).residualSquares, best / 1.07, best * 1.07);
  const {offset, scale, residualSquares} = at(alpha);
  return {at: 'fitted', offset, scale: scale * reference ** alpha, alpha, residualSquares};
}

/** By AICc (Burnham and Anderson, 2002), which exists only with more points than parameters + 1, the variance among them. */
export function compareShapes(points: readonly FitPoint[]): ShapeComparison {
  const constant = squaresAround(points, () => Math.exp(mean(points.map((point) => Math.log(point.loss)))));
  const saturating = fitSaturating(points);
  const squares: readonly (readonly [Shape, number | undefined])[] = [
    ['constant', constant],
    ['power', fitPowerLaw(points).at === 'fitted' ? fitLine(logsOf(points)).residualSquares : undefined],
    ['power_with_offset', saturating.at === 'fitted' ? saturating.residualSquares : undefined],
  ];
  const shapes = squares.flatMap(([shape, residualSquares]) => {
    const parameters = parametersOf[shape] + 1;
    if (residualSquares === undefined || points.length <= parameters + 1) return [];
    return [{shape, aicc: correctedAic(residualSquares, points.length, parameters)}];
  });
  if (shapes.length < 2) return {at: 'too_few_points'};
  const best = shapes.reduce((left, right) => (right.aicc < left.aicc ? right : left)).shape;
  return {at: 'compared', best, shapes};
}

interface Projection {
  readonly offset: number;
  /** Of (n / reference)^-alpha: sizes near 1 keep the two columns comparable. */
  readonly scale: number;
  readonly residualSquares: number;
}

// The curve is linear in E and A, its logarithm is not: each round linearises the log residual around the last curve (Gauss-Newton)
// and solves the weighted 2x2 problem. It settles within a few rounds; twelve are plenty.
function project(points: readonly FitPoint[], alpha: number, reference: number): Projection {
  const columns = points.map((point) => ({u: (point.n / reference) ** -alpha, y: point.loss}));
  let curve = columns.map((column) => column.y);
  let solved = {offset: 0, scale: 0};
  for (let round = 0; round < 12; round += 1) {
    const weighted = columns.map(({u, y}, index) => {
      const here = curve[index] ?? y;
      return {u, target: here * (1 + Math.log(y / here)), weight: 1 / here ** 2};
    });
    solved = solveNonNegative(weighted);
    curve = columns.map(({u}) => solved.offset + solved.scale * u);
  }
  const residualSquares = sum(columns.map(({y}, index) => Math.log(y / (curve[index] ?? y)) ** 2));
  return {...solved, residualSquares};
}

interface WeightedPoint {
  readonly u: number;
  readonly target: number;
  readonly weight: number;
}

// With two unknowns the constrained optimum is the free one, or one of the two edges.
function solveNonNegative(points: readonly WeightedPoint[]): {offset: number; scale: number} {
  const total = (term: (point: WeightedPoint) => number): number => sum(points.map((point) => point.weight * term(point)));
  const [w, wu, wuu] = [total(() => 1), total(({u}) => u), total(({u}) => u * u)];
  const [wt, wut] = [total(({target}) => target), total(({u, target}) => u * target)];
  const determinant = w * wuu - wu * wu;
  const free = {offset: (wuu * wt - wu * wut) / determinant, scale: (w * wut - wu * wt) / determinant};
  if (free.offset >= 0 && free.scale >= 0) return free;
  const flat = {offset: Math.max(0, wt / w), scale: 0};
  const steep = {offset: 0, scale: Math.max(0, wut / wuu)};
  const squares = (edge: {offset: number; scale: number}): number => total(({u, target}) => (target - edge.offset - edge.scale * u) ** 2);
  return squares(flat) <= squares(steep) ? flat : steep;
}

function minimise(cost: (x: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  for (let round = 0; round < 60; round += 1) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (cost(left) < cost(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

function squaresAround(points: readonly FitPoint[], curve: (n: number) => number): number {
  return sum(points.map((point) => Math.log(point.loss / curve(point.n)) ** 2));
}

function correctedAic(residualSquares: number, points: number, parameters: number): number {
  // A curve through every point leaves rounding errors only; the floor keeps their logarithm from deciding.
  const variance = Math.max(residualSquares / points, 1e-24);
  return points * Math.log(variance) + 2 * parameters + (2 * parameters * (parameters + 1)) / (points - parameters - 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
