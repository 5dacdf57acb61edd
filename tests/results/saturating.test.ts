// The law with a floor, and the choice between shapes.
import {expect, test} from 'vitest';
import {fitLine, logsOf, type FitPoint} from '../../src/results/fits.ts';
import {compareShapes, fitSaturating} from '../../src/results/saturating.ts';
import {normals} from './random.ts';

const sizes = [6e3, 2.4e4, 8e4, 3e5, 2e6, 2e7];

function runs(curve: (n: number) => number, sd: number, seed = 1): FitPoint[] {
  const noise = normals(seed);
  return sizes.flatMap((n) => [1, 2, 3, 4, 5].map((replicate) => ({n, replicate, loss: curve(n) * Math.exp(sd * noise())})));
}

test('an exact curve comes back exactly', () => {
  const fit = fitSaturating(runs((n) => 0.3 + 5 * n ** -0.4, 0));
  if (fit.at !== 'fitted') throw new Error('too few points');
  expect(fit.offset).toBeCloseTo(0.3, 6);
  expect(fit.alpha).toBeCloseTo(0.4, 5);
  expect(fit.scale).toBeCloseTo(5, 3);
});

test('a curve without a floor gets none', () => {
  const fit = fitSaturating(runs((n) => 5 * n ** -0.2, 0));
  if (fit.at !== 'fitted') throw new Error('too few points');
  expect(fit.offset).toBeCloseTo(0, 6);
  expect(fit.alpha).toBeCloseTo(0.2, 5);
});

test('neither part may be negative: a rising loss is fitted as a constant', () => {
  const fit = fitSaturating(runs((n) => 0.1 * n ** 0.1, 0));
  if (fit.at !== 'fitted') throw new Error('too few points');
  expect(fit.scale).toBe(0);
  expect(fit.offset).toBeGreaterThan(0);
});

test.each([
  ['constant', () => 0.4],
  ['power', (n: number) => 2 * n ** -0.1],
  ['power_with_offset', (n: number) => 0.3 + 5 * n ** -0.4],
] as const)('AICc finds the shape: %s', (shape, curve) => {
  expect(compareShapes(runs(curve, 0.01, 7))).toMatchObject({at: 'compared', best: shape});
});

test('the power law that is compared is the best one for the runs, also where budgets have different numbers of seeds', () => {
  const uneven = runs((n) => 2 * n ** -0.1, 0.05, 3).filter(({n, replicate}) => n > 1e5 || replicate === 1);
  const compared = compareShapes(uneven);
  if (compared.at !== 'compared') throw new Error('too few points');
  const squares = fitLine(logsOf(uneven)).residualSquares;
  // Three parameters (slope, level, variance) for 18 runs.
  const expected = 18 * Math.log(squares / 18) + 6 + 24 / 14;
  expect(compared.shapes.find(({shape}) => shape === 'power')?.aicc).toBeCloseTo(expected, 9);
});

test('four points of one seed are too few to compare shapes', () => {
  const points = sizes.slice(0, 4).map((n) => ({n, loss: n ** -0.1}));
  expect(fitSaturating(points)).toEqual({at: 'too_few_points'});
  expect(compareShapes(points)).toEqual({at: 'too_few_points'});
});
