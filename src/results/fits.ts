// Fits the power law loss = a * N^-alpha on log-log axes, with an interval that covers what it says. Pure; says nothing of what it means.
import {fUpperTail, tQuantile} from './distributions.ts';

/** One run. Runs of equal `n` are replicates of one budget. */
export interface FitPoint {
  /** Parameter count measured on the built model. */
  readonly n: number;
  readonly loss: number;
  /** The seed, where there are several. */
  readonly replicate?: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Standard deviation of the log loss between replicates of one budget, pooled over budgets. */
export interface SeedSpread {
  readonly sd: number;
  readonly degreesOfFreedom: number;
}

export interface PowerFit {
  readonly at: 'fitted';
  /** Positive where the loss falls with size. */
  readonly alpha: number;
  readonly a: number;
  /** Of the log loss; null where all losses are equal. */
  readonly rSquared: number | null;
  /** 95 % t-interval of alpha. */
  readonly interval: Interval;
  /** The same with one observation a budget: it covers 95 % also where a budget's luck is shared by its seeds. Wide. */
  readonly cautiousInterval: Interval;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** What the fit took as one observation; see `fitPowerLaw`. */
  readonly basis: 'runs' | 'budget_means';
  readonly runs: number;
  readonly budgets: number;
  readonly residualSd: number;
  /** Mean of the log sizes of the observations, and the sum of their squared deviations. */
  readonly centre: number;
  readonly sumOfSquares: number;
  /** The same sum with one observation a budget. */
  readonly budgetSumOfSquares: number;
  /** Mean log loss of the smallest budget less that of the largest. */
  readonly gain: number;
  /** Undefined without replicates. */
  readonly seedSpread: SeedSpread | undefined;
}

export type PowerLaw = PowerFit | {readonly at: 'too_few_points'; readonly budgets: number};

/** Two budgets always lie on a law. */
const fewestBudgets = 3;

/**
 * Every run is one observation, with t on runs - 2 degrees of freedom: this covers 95 % where the noise is independent between runs
 * (bootstraps over so few budgets cover 84 to 89 %). Where the budgets' means miss the line by more than their seeds explain (F test of lack
 * of fit, 5 %), the noise is not: a budget's luck is shared by its seeds, and more seeds would narrow the interval around it. Then
 * the budgets' means are the observations.
 */
export function fitPowerLaw(points: readonly FitPoint[]): PowerLaw {
  const logs = points.map((point) => ({x: Math.log(point.n), y: Math.log(point.loss)}));
  const budgets = groupByX(logs);
  if (budgets.length < fewestBudgets) return {at: 'too_few_points', budgets: budgets.length};
  const means = budgets.map((group) => ({x: group.x, y: mean(group.ys)}));
  const overRuns = fitLine(logs);
  const seedSpread = findSeedSpread(budgets);
  const basis = lacksFit(overRuns, budgets.length, seedSpread) ? 'budget_means' : 'runs';
  const overMeans = fitLine(means);
  const line = basis === 'runs' ? overRuns : overMeans;
  return {
    at: 'fitted',
    alpha: -line.slope,
    a: Math.exp(line.intercept),
    rSquared: line.rSquared,
    interval: exponentInterval(line),
    cautiousInterval: exponentInterval(overMeans),
    standardError: line.standardError,
    degreesOfFreedom: line.degreesOfFreedom,
    basis,
    runs: points.length,
    budgets: budgets.length,
    residualSd: line.residualSd,
    centre: line.centre,
    sumOfSquares: line.sumOfSquares,
    budgetSumOfSquares: overMeans.sumOfSquares,
    gain: (means[0]?.y ?? 0) - (means.at(-1)?.y ?? 0),
    seedSpread,
  };
}

/** The fitted loss at a size. */
export function lossAt(fit: PowerFit, n: number): number {
  return fit.a * n ** -fit.alpha;
}

/** The 95 % interval of the fitted line (not of a run) at a size. */
export function bandAt(fit: PowerFit, n: number): Interval {
  const observations = fit.degreesOfFreedom + 2;
  const distance = Math.log(n) - fit.centre;
  const error = fit.residualSd * Math.sqrt(1 / observations + (distance * distance) / fit.sumOfSquares);
  const margin = tQuantile(0.975, fit.degreesOfFreedom) * error;
  return {low: lossAt(fit, n) * Math.exp(-margin), high: lossAt(fit, n) * Math.exp(margin)};
}

export interface LogPoint {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  readonly rSquared: number | null;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  readonly residualSd: number;
  readonly residualSquares: number;
  readonly centre: number;
  readonly sumOfSquares: number;
}

/** The least-squares line; with two points or fewer it has no spread (NaN). */
export function fitLine(points: readonly LogPoint[]): Line {
  const centre = mean(points.map((point) => point.x));
  const level = mean(points.map((point) => point.y));
  const sumOfSquares = sum(points.map((point) => (point.x - centre) ** 2));
  const slope = sum(points.map((point) => (point.x - centre) * (point.y - level))) / sumOfSquares;
  const intercept = level - slope * centre;
  const residualSquares = sum(points.map((point) => (point.y - intercept - slope * point.x) ** 2));
  const totalSquares = sum(points.map((point) => (point.y - level) ** 2));
  const degreesOfFreedom = points.length - 2;
  const residualSd = Math.sqrt(residualSquares / degreesOfFreedom);
  return {
    slope,
    intercept,
    rSquared: totalSquares === 0 ? null : 1 - residualSquares / totalSquares,
    standardError: residualSd / Math.sqrt(sumOfSquares),
    degreesOfFreedom,
    residualSd,
    residualSquares,
    centre,
    sumOfSquares,
  };
}

function exponentInterval(line: Line): Interval {
  const margin = tQuantile(0.975, line.degreesOfFreedom) * line.standardError;
  return {low: -line.slope - margin, high: -line.slope + margin};
}

interface BudgetGroup {
  readonly x: number;
  readonly ys: readonly number[];
}

/** In order of size. */
function groupByX(points: readonly LogPoint[]): BudgetGroup[] {
  const groups = new Map<number, number[]>();
  for (const point of points) groups.set(point.x, [...(groups.get(point.x) ?? []), point.y]);
  return [...groups].map(([x, ys]) => ({x, ys})).sort((left, right) => left.x - right.x);
}

function findSeedSpread(budgets: readonly BudgetGroup[]): SeedSpread | undefined {
  const degreesOfFreedom = sum(budgets.map((group) => group.ys.length - 1));
  if (degreesOfFreedom === 0) return undefined;
  const squares = sum(budgets.map((group) => sum(group.ys.map((y) => (y - mean(group.ys)) ** 2))));
  return {sd: Math.sqrt(squares / degreesOfFreedom), degreesOfFreedom};
}

// F = (what the line misses of the means) / (what seeds explain), Draper and Smith, Applied Regression Analysis, section 2.1.
function lacksFit(line: Line, budgets: number, spread: SeedSpread | undefined): boolean {
  if (spread === undefined) return false;
  const pureSquares = spread.sd ** 2 * spread.degreesOfFreedom;
  const missedSquares = Math.max(0, line.residualSquares - pureSquares);
  const f = missedSquares / (budgets - 2) / spread.sd ** 2;
  return !Number.isNaN(f) && fUpperTail(f, budgets - 2, spread.degreesOfFreedom) < 0.05;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
