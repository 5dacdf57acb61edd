// Fits the power law loss = a * N^-alpha on log-log axes, with an interval that covers what it says. Pure; says nothing of what it means.
import {tQuantile} from './distributions.ts';

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
  /** Of the log loss of all runs; null where all losses are equal. */
  readonly rSquared: number | null;
  /** 95 % t-interval of alpha; see `fitPowerLaw`. */
  readonly interval: Interval;
  /** The same with every run as one observation: narrower, and true only where the seeds of a budget share no luck. */
  readonly runsInterval: Interval;
  readonly standardError: number;
  /** Budgets less two. */
  readonly degreesOfFreedom: number;
  readonly runs: number;
  readonly budgets: number;
  /** Of the budgets' mean log losses around the line. */
  readonly residualSd: number;
  /** Mean of the budgets' log sizes, and the sum of their squared deviations. */
  readonly centre: number;
  readonly sumOfSquares: number;
  /** Mean log loss of the smallest budget less that of the largest. */
  readonly gain: number;
  /** Undefined without replicates. */
  readonly seedSpread: SeedSpread | undefined;
}

export type PowerLaw = PowerFit | {readonly at: 'too_few_points'; readonly budgets: number};

/** Two budgets always lie on a law. */
export const fewestBudgets = 3;

/**
 * Each budget's mean log loss is one observation, with t on budgets - 2 degrees of freedom. A budget's seeds share what one search found
 * for it, so that more seeds narrow only their own part of the noise. This covers 95 % whatever the shares of the two are (93 % and
 * more where budgets have different numbers of seeds). Runs as observations cover 95 % only where nothing is shared, and far less where
 * something is; a test on three or four budgets cannot tell which (asking one first covered 84 to 90 %). Bootstraps over so few budgets
 * cover 84 to 89 % at best.
 */
export function fitPowerLaw(points: readonly FitPoint[]): PowerLaw {
  const logs = logsOf(points);
  const budgets = groupByX(logs);
  if (budgets.length < fewestBudgets) return {at: 'too_few_points', budgets: budgets.length};
  const means = budgets.map((group) => ({x: group.x, y: mean(group.ys)}));
  const line = fitLine(means);
  const overRuns = fitLine(logs);
  return {
    at: 'fitted',
    alpha: -line.slope,
    a: Math.exp(line.intercept),
    rSquared: overRuns.rSquared,
    interval: exponentInterval(line),
    runsInterval: exponentInterval(overRuns),
    standardError: line.standardError,
    degreesOfFreedom: line.degreesOfFreedom,
    runs: points.length,
    budgets: budgets.length,
    residualSd: line.residualSd,
    centre: line.centre,
    sumOfSquares: line.sumOfSquares,
    gain: (means[0]?.y ?? 0) - (means.at(-1)?.y ?? 0),
    seedSpread: findSeedSpread(budgets),
  };
}

/** As the fit sees the runs. */
export function logsOf(points: readonly FitPoint[]): readonly LogPoint[] {
  return points.map((point) => ({x: Math.log(point.n), y: Math.log(point.loss)}));
}

/** The fitted loss at a size. */
export function lossAt(fit: PowerFit, n: number): number {
  return fit.a * n ** -fit.alpha;
}

/** The 95 % interval of the fitted line (not of a run) at a size. */
export function bandAt(fit: PowerFit, n: number): Interval {
  const distance = Math.log(n) - fit.centre;
  const error = fit.residualSd * Math.sqrt(1 / fit.budgets + (distance * distance) / fit.sumOfSquares);
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
