// What may be said of a fit, and when.
import {expect, test} from 'vitest';
import {fitPowerLaw, type FitPoint} from '../../src/results/fits.ts';
import {adviseSeeds, describeVerdict, interpret} from '../../src/results/verdict.ts';
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

test.each([
  {limitedBy: 'the interval', alpha: 0.03, sd: 0.038},
  {limitedBy: 'what two seeds differ by', alpha: 0.009, sd: 0.02},
])('the number of seeds that is advised shows the law in 80 % of studies, limited by $limitedBy', ({alpha, sd}) => {
  const noise = normals(21);
  const exact = fitPowerLaw(sizes.map((n) => ({n, loss: n ** -alpha})));
  if (exact.at !== 'fitted') throw new Error('too few points');
  const advice = adviseSeeds({...exact, residualSd: sd});
  if (advice.at !== 'needed') throw new Error(advice.at);
  const found = Array.from({length: 600}, () => {
    const points = sizes.flatMap((n) => Array.from({length: advice.seeds}, () => ({n, loss: n ** -alpha * Math.exp(sd * noise())})));
    return interpret(fitPowerLaw(points)).at === 'law';
  }).filter(Boolean).length;
  expect(found / 600).toBeGreaterThan(0.78);
  expect(found / 600).toBeLessThan(0.95);
});

test('never are as many seeds advised as were run, whatever the verdict failed on', () => {
  const noise = normals(33);
  const doubts = new Set<string>();
  for (let study = 0; study < 400; study += 1) {
    const [alpha, shared, seeds] = [0.03 * Math.abs(noise()), 0.02 * Math.abs(noise()), 2 + (study % 4)];
    const points = sizes.flatMap((n) => {
      const luck = shared * noise();
      return Array.from({length: seeds}, (_, replicate) => ({n, replicate, loss: n ** -alpha * Math.exp(luck + 0.02 * noise())}));
    });
    const verdict = interpret(fitPowerLaw(points));
    if (verdict.at !== 'none_shown') continue;
    doubts.add(verdict.because);
    if (verdict.seeds.at === 'needed') expect(verdict.seeds.seeds).toBeGreaterThan(seeds);
  }
  expect([...doubts].sort()).toEqual(['interval_holds_zero', 'within_seed_spread']);
});

test('a gain within what two seeds differ by is not shown by more seeds, and nobody is told so', () => {
  expect(describeVerdict(interpret(fitPowerLaw(runs(0.004, 0.02, 40))))).toContain('More seeds would not show it');
});

test('no seeds are advised for an exponent of the wrong sign', () => {
  const bent = [0.005, -0.005, -0.005, 0.005];
  const points = sizes.flatMap((n, budget) =>
    [-1, 0, 1].map((seed) => ({n, replicate: seed, loss: n ** 0.003 * Math.exp((bent[budget] ?? 0) + 0.02 * seed)})),
  );
  const verdict = interpret(fitPowerLaw(points));
  expect(verdict).toEqual({at: 'none_shown', because: 'interval_holds_zero', seeds: {at: 'wrong_sign'}});
  expect(describeVerdict(verdict)).not.toMatch(/\d seeds/);
});

test('no number of seeds is promised where the budgets miss the line by more than their seeds explain', () => {
  const luck = [0.1, -0.1, 0.1, -0.1];
  const noise = normals(5);
  const points = sizes.flatMap((n, budget) =>
    Array.from({length: 5}, () => ({n, loss: n ** -0.01 * Math.exp((luck[budget] ?? 0) + 0.002 * noise())})),
  );
  const verdict = interpret(fitPowerLaw(points));
  expect(verdict).toMatchObject({at: 'none_shown', because: 'interval_holds_zero', seeds: {at: 'shared_luck'}});
  expect(describeVerdict(verdict)).toContain('no number of seeds shows it; more budgets might.');
});

test('the seeds needed are never a wild number', () => {
  const flat = fitPowerLaw(sizes.map((n, index) => ({n, loss: index % 2 === 0 ? 0.4 : 0.41})));
  expect(describeVerdict(interpret(flat))).toContain('No scaling law is shown');
  expect(describeVerdict(interpret(flat))).not.toMatch(/NaN|Infinity/);
  const level = fitPowerLaw(sizes.map((n) => ({n, loss: 0.4})));
  expect(describeVerdict(interpret(level))).not.toMatch(/NaN|Infinity/);
});
