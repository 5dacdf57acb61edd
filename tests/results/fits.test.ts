// The power law's numbers: known answers, replicates, and what the interval really covers.
import {expect, test} from 'vitest';
import {bandAt, fitPowerLaw, lossAt, type FitPoint, type PowerFit} from '../../src/results/fits.ts';
import {interpret} from '../../src/results/verdict.ts';
import {knownFits} from './known-answers.ts';
import {normals} from './random.ts';

const sizes = [2e6, 2e7, 2e8, 2e9];

function fitted(points: readonly FitPoint[]): PowerFit {
  const fit = fitPowerLaw(points);
  if (fit.at !== 'fitted') throw new Error('too few points');
  return fit;
}

test.each(knownFits)('horizon $horizon of the twelve real studies gives the known fit', (known) => {
  const fit = fitted(known.points);
  expect(fit.alpha).toBeCloseTo(known.alpha, 6);
  expect(fit.a).toBeCloseTo(known.a, 6);
  expect(fit.rSquared).toBeCloseTo(known.rSquared, 4);
  expect(fit.interval.low).toBeCloseTo(known.interval[0], 4);
  expect(fit.interval.high).toBeCloseTo(known.interval[1], 4);
  expect(fit.degreesOfFreedom).toBe(2);
});

test('an exact law comes back exactly', () => {
  const fit = fitted(sizes.map((n) => ({n, loss: 3 * n ** -0.1})));
  expect(fit.alpha).toBeCloseTo(0.1, 12);
  expect(fit.a).toBeCloseTo(3, 10);
  expect(fit.rSquared).toBeCloseTo(1, 12);
  expect(fit.gain).toBeCloseTo(0.1 * Math.log(1000), 12);
});

test('equal losses have exponent 0 and no R squared', () => {
  const fit = fitted(sizes.map((n) => ({n, loss: 0.5})));
  expect(fit.alpha).toBeCloseTo(0, 15);
  expect(fit.rSquared).toBeNull();
});

test('two budgets are not fitted, however many seeds they have', () => {
  const points = [2e6, 2e6, 2e7, 2e7].map((n, replicate) => ({n, loss: 0.5, replicate}));
  expect(fitPowerLaw(points)).toEqual({at: 'too_few_points', budgets: 2});
});

test('the band is narrowest in the middle and holds the line', () => {
  const fit = fitted(knownFits[0]?.points ?? []);
  const width = (n: number): number => Math.log(bandAt(fit, n).high / bandAt(fit, n).low);
  const middle = Math.exp(fit.centre);
  expect(width(middle)).toBeLessThan(width(2e6));
  expect(width(middle)).toBeLessThan(width(2e9));
  expect(bandAt(fit, 2e7).low).toBeLessThan(lossAt(fit, 2e7));
});

test('budgets that miss the line by more than their seeds explain are one observation each', () => {
  const noise = normals(5);
  const luck = [0.1, -0.1, 0.1, -0.1];
  const points = sizes.flatMap((n, budget) =>
    [1, 2, 3, 4, 5].map(() => ({n, loss: 0.4 * Math.exp((luck[budget] ?? 0) + 0.002 * noise())})),
  );
  const fit = fitted(points);
  expect(fit.basis).toBe('budget_means');
  expect(fit.degreesOfFreedom).toBe(2);
});

function simulate(studies: number, seeds: number, make: (n: number) => number): readonly PowerFit[] {
  return Array.from({length: studies}, () => {
    const points = sizes.flatMap((n) => Array.from({length: seeds}, (_, replicate) => ({n, loss: make(n), replicate})));
    return fitted(points);
  });
}

const share = (fits: readonly PowerFit[], holds: (fit: PowerFit) => boolean): number => fits.filter(holds).length / fits.length;
const covers = (alpha: number) => (fit: PowerFit) => fit.interval.low <= alpha && alpha <= fit.interval.high;

test('the 95 % interval covers the true exponent in 95 % of 4,000 studies of 4 budgets and 5 seeds', () => {
  const noise = normals(1);
  const fits = simulate(4000, 5, (n) => 2 * n ** -0.05 * Math.exp(0.02 * noise()));
  expect(Math.abs(share(fits, covers(0.05)) - 0.95)).toBeLessThan(0.015);
});

test('the 95 % interval covers the true exponent in 95 % of 4,000 studies of 4 budgets and one seed', () => {
  const noise = normals(2);
  const fits = simulate(4000, 1, (n) => 2 * n ** -0.05 * Math.exp(0.02 * noise()));
  expect(Math.abs(share(fits, covers(0.05)) - 0.95)).toBeLessThan(0.015);
});

test.each([1, 5])('pure noise at four budgets with %i seeds shows no law in 95 % of studies and more', (seeds) => {
  const noise = normals(3);
  const fits = simulate(3000, seeds, () => 0.4 * Math.exp(0.05 * noise()));
  expect(share(fits, (fit) => interpret(fit).at === 'none_shown')).toBeGreaterThanOrEqual(0.95);
  expect(share(fits, (fit) => interpret(fit).at === 'law')).toBeLessThan(0.01);
});

test('four points of pure noise often have a high R squared, which is why it decides nothing', () => {
  const noise = normals(4);
  const fits = simulate(4000, 1, () => 0.4 * Math.exp(0.05 * noise()));
  expect(share(fits, (fit) => (fit.rSquared ?? 0) > 0.8)).toBeCloseTo(0.1, 1);
});
