// The power law's numbers: known answers, replicates, and what the interval really covers.
import {expect, test} from 'vitest';
import {bandAt, fitPowerLaw, lossAt, type FitPoint, type Interval, type PowerFit} from '../../src/results/fits.ts';
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

test('each budget is one observation, however many seeds it has', () => {
  const noise = normals(5);
  const once = fitted(sizes.map((n) => ({n, loss: n ** -0.05})));
  const often = fitted(sizes.flatMap((n) => [1, 2, 3, 4, 5].map(() => ({n, loss: n ** -0.05 * Math.exp(0.02 * noise())}))));
  expect([once.degreesOfFreedom, often.degreesOfFreedom]).toEqual([2, 2]);
  const width = ({low, high}: Interval): number => high - low;
  expect(width(often.interval)).toBeGreaterThan(width(often.runsInterval));
});

/** Studies of the noise `seedSd` of a run, and of `sharedSd` of what the seeds of a budget have in common. */
interface Noise {
  readonly random: () => number;
  readonly seedSd: number;
  readonly sharedSd: number;
}

function simulate(studies: number, seeds: readonly number[], alpha: number, {random, seedSd, sharedSd}: Noise): readonly PowerFit[] {
  return Array.from({length: studies}, () => {
    const points = sizes.flatMap((n, budget) => {
      const shared = sharedSd * random();
      return Array.from({length: seeds[budget] ?? 0}, (_, replicate) => ({
        n,
        loss: 2 * n ** -alpha * Math.exp(shared + seedSd * random()),
        replicate,
      }));
    });
    return fitted(points);
  });
}

const share = (fits: readonly PowerFit[], holds: (fit: PowerFit) => boolean): number => fits.filter(holds).length / fits.length;
const covers = (alpha: number) => (fit: PowerFit) => fit.interval.low <= alpha && alpha <= fit.interval.high;

const spreads = [0, 0.5, 1, 2];
const balanced = [3, 5].flatMap((seeds) => spreads.map((ratio) => ({seeds, ratio})));

test.each([{seeds: 1, ratio: 0}, ...balanced])(
  'the 95 % interval covers 95 % of 4,000 studies of 4 budgets, $seeds seeds each, whose luck spreads $ratio times as much as the seeds',
  ({seeds, ratio}) => {
    const noise = {random: normals(1), seedSd: 0.02, sharedSd: 0.02 * ratio};
    const fits = simulate(4000, [seeds, seeds, seeds, seeds], 0.05, noise);
    expect(Math.abs(share(fits, covers(0.05)) - 0.95)).toBeLessThan(0.015);
  },
);

test.each(spreads.map((ratio) => ({ratio})))(
  'it covers 93 % and more where the largest of 4 budgets has one seed and the others five, the luck spreading $ratio times as much',
  ({ratio}) => {
    const noise = {random: normals(2), seedSd: 0.02, sharedSd: 0.02 * ratio};
    expect(share(simulate(4000, [5, 5, 5, 1], 0.05, noise), covers(0.05))).toBeGreaterThan(0.93);
  },
);

test.each([
  {seeds: 1, ratio: 0, laws: 0.001},
  {seeds: 5, ratio: 0, laws: 0.01},
  {seeds: 5, ratio: 1, laws: 0.03},
])('pure noise of $seeds seeds, budgets spreading $ratio times as much, shows no law in 95 % of studies', ({seeds, ratio, laws}) => {
  const noise = {random: normals(3), seedSd: 0.05, sharedSd: 0.05 * ratio};
  const fits = simulate(3000, [seeds, seeds, seeds, seeds], 0, noise);
  expect(share(fits, (fit) => interpret(fit).at === 'none_shown')).toBeGreaterThan(0.945);
  expect(share(fits, (fit) => interpret(fit).at === 'law')).toBeLessThan(laws);
});

test('four points of pure noise often have a high R squared, which is why it decides nothing', () => {
  const fits = simulate(4000, [1, 1, 1, 1], 0, {random: normals(4), seedSd: 0.05, sharedSd: 0});
  expect(share(fits, (fit) => (fit.rSquared ?? 0) > 0.8)).toBeCloseTo(0.1, 1);
});
