// Says what a fitted power law shows, and what it does not. Pure.
import {unreachable} from '../base/unreachable.ts';
import {tQuantile} from './distributions.ts';
import {fewestBudgets, type PowerFit, type PowerLaw, type SeedSpread} from './fits.ts';

export type Verdict =
  | {readonly at: 'too_few_points'; readonly budgets: number}
  /** The loss falls with size, surely and by more than the seeds differ. */
  | {readonly at: 'law'}
  /** The loss rises with size: no scaling law, and not for lack of data. */
  | {readonly at: 'rises'}
  | {readonly at: 'none_shown'; readonly because: Doubt; readonly seeds: SeedAdvice};

export type Doubt = 'interval_holds_zero' | 'no_replicates' | 'within_seed_spread';

/** What more seeds would do for the very test that the verdict failed. */
export type SeedAdvice =
  | {readonly at: 'needed'; readonly seeds: number}
  /** More than anyone runs. */
  | {readonly at: 'too_many'}
  /** The exponent found is not above 0: nobody pays for showing that the loss rises. */
  | {readonly at: 'wrong_sign'}
  /** What two seeds differ by does not shrink with their number. */
  | {readonly at: 'seeds_differ_more'}
  /** What the seeds of a budget share, if they do, no seed takes away. */
  | {readonly at: 'shared_luck'};

/** `spread` is the fit's own, or one measured elsewhere on the same task. */
export function interpret(fit: PowerLaw, spread?: SeedSpread): Verdict {
  if (fit.at === 'too_few_points') return fit;
  if (fit.interval.high < 0) return {at: 'rises'};
  const known = spread ?? fit.seedSpread;
  const doubt = findDoubt(fit, known);
  return doubt === undefined ? {at: 'law'} : {at: 'none_shown', because: doubt, seeds: adviseSeeds(fit, known)};
}

function findDoubt(fit: PowerFit, spread: SeedSpread | undefined): Doubt | undefined {
  if (fit.interval.low <= 0) return 'interval_holds_zero';
  if (spread === undefined) return 'no_replicates';
  return fit.gain <= seedDifference(spread) ? 'within_seed_spread' : undefined;
}

/** Of one split. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.at) {
    case 'too_few_points':
      return `Not fitted: ${verdict.budgets} ${verdict.budgets === 1 ? 'budget' : 'budgets'}, and it takes ${fewestBudgets}.`;
    case 'law':
      return 'A scaling law is shown: the loss falls with size, by more than the seeds differ.';
    case 'rises':
      return 'No scaling law is shown: the loss rises with size.';
    case 'none_shown':
      return `No scaling law is shown: ${describeDoubt(verdict.because)}. ${describeSeeds(verdict.seeds)}`;
    default:
      return unreachable(verdict, 'verdict');
  }
}

/**
 * What two seeds of one model may differ by in log loss (95 %): the repeatability limit of ISO 5725-6, with t in the place of 1.96
 * since the spread is itself an estimate.
 */
export function seedDifference(spread: SeedSpread): number {
  return tQuantile(0.975, spread.degreesOfFreedom) * Math.SQRT2 * spread.sd;
}

/** Above this an estimate says no more than "not by more seeds". */
export const mostSeeds = 1000;

/** Of one test. */
const power = 0.9;

/**
 * Seeds a budget that would show a law of the estimated size in 80 % of studies, for each of the verdict's two tests is passed in 90 %.
 * The slope's variance is (shared + seed^2 / seeds) / S, S the sum of squares of the budgets' log sizes and `shared` the variance that
 * no seed takes away; it must not be above (alpha / t)^2, t = t(97.5 %) + t(90 %) on budgets - 2 degrees of freedom (Dupont and Plummer, Controlled Clinical
 * Trials 19, 1998). The gain, whose variance is 2 (shared + seed^2 / seeds), must pass `seedDifference`, which does not shrink.
 */
export function adviseSeeds(fit: PowerFit, spread: SeedSpread | undefined = fit.seedSpread): SeedAdvice {
  if (fit.alpha <= 0) return {at: 'wrong_sign'};
  // Without replicates the two parts cannot be told apart: all of it counts as the seeds'.
  const seedSd = spread?.sd ?? fit.residualSd;
  const shared = Math.max(0, fit.residualSd ** 2 - (seedSd ** 2 * fit.budgets) / fit.runs);
  const allowed = (fit.alpha / (quantile(0.975, fit.degreesOfFreedom) + quantile(power, fit.degreesOfFreedom))) ** 2 * fit.sumOfSquares;
  if (shared >= allowed) return {at: 'shared_luck'};
  const passes = (seeds: number): boolean => fit.gain > gainNeeded({seedSd, shared}, seeds, fit.budgets * (seeds - 1));
  if (!passes(Infinity)) return {at: 'seeds_differ_more'};
  const forInterval = Math.ceil(seedSd ** 2 / (allowed - shared));
  if (forInterval > mostSeeds || !passes(mostSeeds)) return {at: 'too_many'};
  return {at: 'needed', seeds: Math.max(forInterval, leastWhere(passes))};
}

/** The gain that passes `seedDifference` in 90 % of studies of so many seeds. */
function gainNeeded({seedSd, shared}: {seedSd: number; shared: number}, seeds: number, degreesOfFreedom: number): number {
  const limit = quantile(0.975, degreesOfFreedom) * Math.SQRT2 * seedSd;
  return limit + quantile(power, degreesOfFreedom) * Math.sqrt(2 * (shared + seedSd ** 2 / seeds));
}

/** The normal distribution's where there is no end to the degrees of freedom. */
function quantile(probability: number, degreesOfFreedom: number): number {
  return tQuantile(probability, Math.min(degreesOfFreedom, 1e6));
}

/** From two, without which nothing is known of the spread. `holds` stays true from somewhere up to `mostSeeds`. */
function leastWhere(holds: (seeds: number) => boolean): number {
  let [low, high] = [2, mostSeeds];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function describeDoubt(doubt: Doubt): string {
  switch (doubt) {
    case 'interval_holds_zero':
      return 'the interval of the exponent includes 0';
    case 'no_replicates':
      return 'one seed a budget says nothing of how much seeds differ';
    case 'within_seed_spread':
      return 'the gain from the smallest to the largest budget is within what two seeds of one model differ by';
    default:
      return unreachable(doubt, 'doubt');
  }
}

function describeSeeds(advice: SeedAdvice): string {
  switch (advice.at) {
    case 'needed':
      return `To show a law of this size would take about ${advice.seeds} seeds a budget.`;
    case 'too_many':
      return `More than ${mostSeeds.toLocaleString('en-US')} seeds a budget would be needed to show a law this small.`;
    case 'wrong_sign':
      return 'The exponent found is not above 0, and more seeds are no way to a law.';
    case 'seeds_differ_more':
      return 'More seeds would not show it: what two of them differ by does not shrink with their number.';
    case 'shared_luck':
      return 'If what the budgets miss the line by is luck that their seeds share, no number of seeds shows it; more budgets might.';
    default:
      return unreachable(advice, 'advice');
  }
}
