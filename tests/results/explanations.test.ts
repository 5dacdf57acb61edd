// The report's explaining sentences against the code: each has a check here, and the report holds no other.
import {readFileSync} from 'node:fs';
import {beforeAll, expect, test} from 'vitest';
import {tQuantile} from '../../src/results/distributions.ts';
import {explanations} from '../../src/results/explanations.ts';
import {fewestBudgets, fitPowerLaw, type FitPoint, type PowerFit} from '../../src/results/fits.ts';
import {renderReport} from '../../src/results/report.ts';
import {analyseScaling, scalingColumns} from '../../src/results/scaling.ts';
import {arrange} from '../../src/results/arrange.ts';
import {nameConclusion} from '../../src/results/conclusion.ts';
import {formatSpread, marks} from '../../src/results/summary.ts';
import {interpret} from '../../src/results/verdict.ts';
import {normals} from './random.ts';
import {sampleInput} from './samples.ts';

const template = readFileSync(new URL('../../templates/report.md.hbs', import.meta.url), 'utf8');
const manual = readFileSync(new URL('../../docs/manual.md', import.meta.url), 'utf8');
let markdown = '';

beforeAll(async () => {
  ({markdown} = await renderReport(sampleInput(), template));
});

const sizes = [2e6, 2e7, 2e8, 2e9];

function fitOf(points: readonly FitPoint[]): PowerFit {
  const fit = fitPowerLaw(points);
  if (fit.at !== 'fitted') throw new Error('too few points');
  return fit;
}

function noisy(seed: number): readonly FitPoint[] {
  const noise = normals(seed);
  return sizes.flatMap((n) => [1, 2, 3].map((replicate) => ({n, replicate, loss: n ** -0.05 * Math.exp(0.02 * noise())})));
}

/** Part of a sentence -> what must hold for it to be true. */
const checks: readonly (readonly [string, () => void])[] = [
  [
    "Loss in nats on validation, mean over the seeds ± the seeds' standard deviation.",
    () => {
      expect(formatSpread([0.5, 0.6, 0.7], 2)).toBe('0.60 ± 0.10');
    },
  ],
  [
    `${marks.borrowed} = parameters borrowed from other experiments' searches, ${marks.partial} = from a search that was cut short.`,
    () => {
      const [phase] = sampleInput().phases;
      const analyses = phase === undefined ? [] : analyseScaling(arrange(phase));
      expect(analyses.find(({task}) => task === 'threshold_2pct')?.marks).toBe(marks.borrowed);
    },
  ],
  [
    'The last row is what a model scores that always predicts the base rate.',
    () => {
      // Natural logarithms, as the losses are: 28 % positives.
      const entropy = -0.28 * Math.log(0.28) - 0.72 * Math.log(0.72);
      const lines = markdown.split('\n');
      const last = lines.findIndex((line) => line.startsWith('| *always the base rate*'));
      expect(lines[last]).toContain(`*${entropy.toFixed(4)}*`);
      expect(lines[last + 1]).toBe('');
    },
  ],
  [
    "Attempts are the log's whole history, results that were superseded since included. Success rate: successes in all attempts.",
    () => {
      const input = sampleInput();
      const successes = input.log.rows.filter((row) => row.status === 'success').length;
      expect(markdown).toContain(
        `| both | ${input.log.rows.length} | ${successes} | 1 | 0 | 0 | 0 | ${((successes / input.log.rows.length) * 100).toFixed(1)} % |`,
      );
    },
  ],
  [
    "Fit of `loss = a · N^−α` by least squares on the budgets' mean log loss, N measured on the built model; α above 0 means that larger models are better.",
    () => {
      const points = noisy(1);
      const means = sizes.map((n) => ({
        n,
        loss: Math.exp(meanOf(points.filter((point) => point.n === n).map(({loss}) => Math.log(loss)))),
      }));
      expect(fitOf(points).alpha).toBeCloseTo(fitOf(means).alpha, 12);
      expect(fitOf(sizes.map((n) => ({n, loss: 3 * n ** -0.1})))).toMatchObject({alpha: expect.closeTo(0.1), a: expect.closeTo(3)});
      const [phase] = sampleInput().phases;
      const [first] = phase === undefined ? [] : analyseScaling(arrange(phase));
      expect(first?.validation.points.map(({n}) => n)).not.toContain(6000);
    },
  ],
  [
    'A base rate is the share of positives, and the loss of always predicting it. Validation chose the configurations and is no judge of them; the sealed test was read once, after training.',
    () => {
      expect(markdown).toContain('| 28.0 %, loss 0.5930 |');
    },
  ],
  [
    'Nothing was selected by a test number: the test split is read once, after training. An accuracy says something only beside its base rate.',
    () => {
      // That no selection can name a test metric is the schema's.
      expect(markdown).toContain('| val. accuracy | val. base rate |');
      expect(markdown).toContain('| test accuracy | test base rate |');
    },
  ],
  [
    'A law is called shown when, on validation and on the sealed test alike, the whole 95 % interval of α lies above 0 *and* the gain from the smallest to the largest budget exceeds what two seeds of one model differ by. What only validation shows is called "law on validation only".',
    () => {
      for (let seed = 0; seed < 200; seed += 1) {
        const fit = fitOf(noisy(seed));
        const spread = fit.seedSpread ?? {sd: 0, degreesOfFreedom: 1};
        const differ = tQuantile(0.975, spread.degreesOfFreedom) * Math.SQRT2 * spread.sd;
        expect(interpret(fit).at === 'law').toBe(fit.interval.low > 0 && fit.gain > differ);
      }
      const none = interpret(fitOf(sizes.map((n) => ({n, loss: n ** -0.05}))));
      expect(nameConclusion({validation: {at: 'law'}, test: {at: 'law'}})).toBe('law shown');
      expect(nameConclusion({validation: {at: 'law'}, test: none})).toBe('law on validation only');
      expect(nameConclusion({validation: none, test: {at: 'law'}})).toBe('no law shown');
    },
  ],
  [
    'An interval below 0 says that the loss rises with size.',
    () => {
      expect(interpret(fitOf(sizes.map((n, index) => ({n, loss: n ** (0.05 + 0.001 * (index % 2))})))).at).toBe('rises');
    },
  ],
  [
    'It takes 3 budgets.',
    () => {
      const points = sizes.map((n) => ({n, loss: n ** -0.05}));
      expect(fitPowerLaw(points.slice(0, fewestBudgets)).at).toBe('fitted');
      expect(fitPowerLaw(points.slice(0, fewestBudgets - 1)).at).toBe('too_few_points');
    },
  ],
  [
    'The "95 % interval" is a t-interval with each budget as one observation, on budgets − 2 degrees of freedom: the seeds of a budget share the data, the split and what one search found.',
    () => {
      const fit = fitOf(noisy(2));
      expect(fit.degreesOfFreedom).toBe(sizes.length - 2);
      expect(fit.interval.high - fit.alpha).toBeCloseTo(tQuantile(0.975, sizes.length - 2) * fit.standardError, 12);
    },
  ],
  [
    '"if seeds share nothing" takes each run as one observation instead; it is narrower as a rule, and decides nothing.',
    () => {
      const apart = noisy(3).map((point, index) => ({...point, n: point.n * (1 + 1e-9 * index)}));
      const [fit, single] = [fitOf(noisy(3)), fitOf(apart)];
      expect(fit.runsInterval.low).toBeCloseTo(single.interval.low, 6);
      const narrower = Array.from({length: 200}, (_, seed) => fitOf(noisy(seed))).filter(
        ({interval, runsInterval}) => runsInterval.high - runsInterval.low < interval.high - interval.low,
      );
      expect(narrower.length).toBeGreaterThan(150);
      expect(interpret({...fit, runsInterval: {low: -1, high: 1}})).toEqual(interpret(fit));
    },
  ],
  ['Neither says anything of other data.', () => undefined],
  [
    'R² is a footnote: four budgets of pure noise give an R² above 0.8 in one study of ten.',
    () => {
      const noise = normals(4);
      const fits = Array.from({length: 4000}, () => fitOf(sizes.map((n) => ({n, loss: Math.exp(0.05 * noise())}))));
      expect(fits.filter(({rSquared}) => (rSquared ?? 0) > 0.8).length / fits.length).toBeCloseTo(0.1, 1);
      expect(interpret({...fitOf(noisy(5)), rSquared: 0})).toEqual(interpret(fitOf(noisy(5))));
    },
  ],
];

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

test.each(checks)('it is true that: %s', (_, check) => {
  check();
});

test('no sentence explains a number without a check', () => {
  const said = Object.values(explanations).flat();
  const left = checks.reduce((texts, [sentence]) => texts.map((text) => text.replace(sentence, '')), said);
  expect(left.map((text) => text.trim()).filter((text) => text !== '')).toEqual([]);
});

test('every check holds a sentence that is in the report', () => {
  for (const [sentence] of checks) expect(markdown).toContain(sentence);
});

test('what the template itself says explains no number', () => {
  const prose = template.split('\n').filter((line) => /^[A-Za-z(]/.test(line));
  expect(prose).toEqual([
    'Results of `{{project}}`{{#if profile}}, **profile `{{profile}}`: not the real study**{{/if}}.',
    'Tables, fits and figures below show *current* results only. What is not current is listed [at the end](#not-current).',
    'These are in no table, fit or figure above. (Results that rest on a partial search may be: they are marked there.)',
    'No result is stale, failed, refused, invalid or partial.',
    'Not there yet: {{missing}}.',
    'The last ones of the log, newest first.',
  ]);
});

test('a column that a sentence names is a column of the table', () => {
  const named = explanations.reading.flatMap((sentence) => [...sentence.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name));
  const columns = scalingColumns.map(({name}) => name);
  expect(named.filter((name) => !columns.includes(name) && name !== 'law on validation only')).toEqual([]);
  expect(named).toContain('95 % interval');
});

test('the quantiles of t that the manual names are those', () => {
  expect(manual).toContain('t on two degrees of freedom (four budgets) is 4.3 and on four is 2.8');
  expect([tQuantile(0.975, 2).toFixed(1), tQuantile(0.975, 4).toFixed(1)]).toEqual(['4.3', '2.8']);
});
