// What may be said of a fit, and when.
import {expect, test} from 'vitest';
import {fitPowerLaw, type FitPoint} from '../../src/results/fits.ts';
import {describeVerdict, estimateSeeds, interpret} from '../../src/results/verdict.ts';
import {knownFits} from './known-answers.ts';
import {normals} from './random.ts';

const sizes = [2e6, 2e7, 2e8, 2e9];

function runs(alpha: number, sd: number, seeds: number): FitPoint[] {
  const noise = normals(11);
  return sizes.flatMap((n) =>
    Array.from({length: seeds}, (_, replicate) => ({n, replicate, loss: 2 * n ** -alpha * Math.exp(sd * noise())})),
  );
}

test.each([
  [1, 'none_shown'],
  [3, 'rises'],
  [5, 'rises'],
])('the real studies of horizon %i show no law', (horizon, expected) => {
  const known = knownFits.find((fit) => fit.horizon === horizon);
  const verdict = interpret(fitPowerLaw(known?.points ?? []));
  expect(verdict.at).toBe(expected);
  expect(describeVerdict(verdict)).toContain('No scaling law is shown');
});

test('a clear law over seeds is a law', () => {
  expect(interpret(fitPowerLaw(runs(0.05, 0.01, 5)))).toEqual({at: 'law'});
});

test('a clear law of one seed a budget is not shown, whatever its R squared', () => {
  expect(interpret(fitPowerLaw(runs(0.05, 0.001, 1)))).toMatchObject({at: 'none_shown', because: 'no_replicates'});
});

test('a spread measured elsewhere stands in for replicates', () => {
  const fit = fitPowerLaw(runs(0.05, 0.001, 1));
  expect(interpret(fit, {sd: 0.01, degreesOfFreedom: 8})).toEqual({at: 'law'});
  expect(interpret(fit, {sd: 0.5, degreesOfFreedom: 8})).toMatchObject({at: 'none_shown', because: 'within_seed_spread'});
});

test('a gain smaller than what two seeds differ by is no law, however sure its sign', () => {
  expect(interpret(fitPowerLaw(runs(0.004, 0.02, 40)))).toMatchObject({at: 'none_shown', because: 'within_seed_spread'});
});

test('two budgets are too few', () => {
  expect(interpret(fitPowerLaw(runs(0.05, 0.01, 5).filter((point) => point.n < 1e8)))).toEqual({at: 'too_few_points', budgets: 2});
});

test('the estimated number of seeds shows the law in about 80 % of studies', () => {
  const noise = normals(21);
  const [alpha, sd] = [0.004, 0.03];
  const exact = fitPowerLaw(sizes.map((n) => ({n, loss: n ** -alpha})));
  if (exact.at !== 'fitted') throw new Error('too few points');
  const seeds = estimateSeeds({...exact, residualSd: sd});
  const found = Array.from({length: 600}, () => {
    const fit = fitPowerLaw(sizes.flatMap((n) => Array.from({length: seeds}, () => ({n, loss: n ** -alpha * Math.exp(sd * noise())}))));
    return fit.at === 'fitted' && fit.interval.low > 0;
  }).filter(Boolean).length;
  expect(found / 600).toBeGreaterThan(0.74);
  expect(found / 600).toBeLessThan(0.86);
});

test('no number of seeds is promised where the budgets miss the line by more than their seeds explain', () => {
  const luck = [0.1, -0.1, 0.1, -0.1];
  const noise = normals(5);
  const points = sizes.flatMap((n, budget) =>
    Array.from({length: 5}, () => ({n, loss: n ** -0.01 * Math.exp((luck[budget] ?? 0) + 0.002 * noise())})),
  );
  const verdict = interpret(fitPowerLaw(points));
  expect(verdict).toMatchObject({at: 'none_shown', because: 'interval_holds_zero', seedsNeeded: Infinity});
  expect(describeVerdict(verdict)).toContain('No number of seeds would show an exponent of this size; more budgets might.');
});

test('the seeds needed are never a wild number', () => {
  const flat = fitPowerLaw(sizes.map((n, index) => ({n, loss: index % 2 === 0 ? 0.4 : 0.41})));
  expect(describeVerdict(interpret(flat))).toMatch(/seeds a budget/);
  const level = fitPowerLaw(sizes.map((n) => ({n, loss: 0.4})));
  expect(describeVerdict(interpret(level))).not.toMatch(/NaN|Infinity/);
});
