// Says what a fitted power law shows, and what it does not. Pure.
import {unreachable} from '../base/unreachable.ts';
import {tQuantile} from './distributions.ts';
import type {PowerFit, PowerLaw, SeedSpread} from './fits.ts';

export type Verdict =
  | {readonly at: 'too_few_points'; readonly budgets: number}
  /** The loss falls with size, surely and by more than the seeds differ. */
  | {readonly at: 'law'}
  /** The loss rises with size: no scaling law, and not for lack of data. */
  | {readonly at: 'rises'}
  | {readonly at: 'none_shown'; readonly because: Doubt; readonly seedsNeeded: number};

export type Doubt = 'interval_holds_zero' | 'no_replicates' | 'within_seed_spread';

/** `spread` is the fit's own, or one measured elsewhere on the same task. */
export function interpret(fit: PowerLaw, spread?: SeedSpread): Verdict {
  if (fit.at === 'too_few_points') return fit;
  if (fit.interval.high < 0) return {at: 'rises'};
  const seedsNeeded = estimateSeeds(fit);
  if (fit.interval.low <= 0) return {at: 'none_shown', because: 'interval_holds_zero', seedsNeeded};
  const known = spread ?? fit.seedSpread;
  if (known === undefined) return {at: 'none_shown', because: 'no_replicates', seedsNeeded};
  if (fit.gain <= seedDifference(known)) return {at: 'none_shown', because: 'within_seed_spread', seedsNeeded};
  return {at: 'law'};
}

export function describeVerdict(verdict: Verdict): string {
  switch (verdict.at) {
    case 'too_few_points':
      return `Not fitted: ${verdict.budgets} ${verdict.budgets === 1 ? 'budget' : 'budgets'}, and it takes three.`;
    case 'law':
      return 'A scaling law is shown: the loss falls with size, by more than the seeds differ.';
    case 'rises':
      return 'No scaling law is shown: the loss rises with size.';
    case 'none_shown':
      return `No scaling law is shown: ${describeDoubt(verdict.because)} ${describeSeeds(verdict.seedsNeeded)}`;
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

/**
 * Seeds a budget that would show an exponent of the estimated size: 80 % power at 5 %, two-sided. The slope's variance is
 * (shared + seed^2 / seeds) / S, S the sum of squares of the budgets' log sizes and `shared` the variance that no seed takes away;
 * it must not be above (alpha / t)^2, t = t(97.5 %) + t(80 %) on budgets - 2 degrees of freedom (Dupont and Plummer, Controlled
 * Clinical Trials 19, 1998). Infinity where what is shared is too much by itself.
 */
export function estimateSeeds(fit: PowerFit): number {
  const reach = tQuantile(0.975, fit.degreesOfFreedom) + tQuantile(0.8, fit.degreesOfFreedom);
  const allowed = (fit.alpha / reach) ** 2 * fit.sumOfSquares;
  // Without replicates the two parts cannot be told apart: all of it counts as the seeds'.
  const seedVariance = fit.seedSpread === undefined ? fit.residualSd ** 2 : fit.seedSpread.sd ** 2;
  const shared = Math.max(0, fit.residualSd ** 2 - (seedVariance * fit.budgets) / fit.runs);
  // Two at least: without replicates nothing is known of the spread.
  return shared < allowed ? Math.max(2, Math.ceil(seedVariance / (allowed - shared))) : Infinity;
}

function describeDoubt(doubt: Doubt): string {
  switch (doubt) {
    case 'interval_holds_zero':
      return 'the interval of the exponent includes 0.';
    case 'no_replicates':
      return 'one seed a budget says nothing of how much seeds differ.';
    case 'within_seed_spread':
      return 'the gain from the smallest to the largest budget is within what two seeds of one model differ by.';
    default:
      return unreachable(doubt, 'doubt');
  }
}

function describeSeeds(seeds: number): string {
  if (seeds === Infinity) return 'No number of seeds would show an exponent of this size; more budgets might.';
  if (seeds > mostSeeds)
    return `More than ${mostSeeds.toLocaleString('en-US')} seeds a budget would be needed to show an exponent this small.`;
  return `To show an exponent of this size would take about ${seeds} seeds a budget.`;
}
