// What a node is estimated to take: its own history first, then its budget's, then a line over budgets, then the file.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import {makeEstimator, type Job} from '../../src/build/estimate.ts';
import {historyOf, sampleOf, type Sample} from '../../src/build/history.ts';
import type {Trace} from '../../src/state/trace.ts';

const hour = 3_600_000;

function ran(node: string, size: number, unitMs: number): Sample {
  return {node: nodeId(node), rule: 'hpo', size, unitMs};
}

function study(node: string, size: number, units = 50): Job {
  return {node: nodeId(node), rule: 'hpo', size, units, statedUnitMs: 1000};
}

test('without a history the file says it, within a factor of two', () => {
  const estimate = makeEstimator(historyOf([]));
  expect(estimate(study('a', 2e6))).toEqual({ms: 50_000, lowMs: 25_000, highMs: 100_000, from: 'file'});
  expect(estimate({...study('a', 2e6), statedUnitMs: undefined})).toBeUndefined();
  expect(estimate({...study('a', 2e6), rule: 'script', units: 1})?.from).toBe('rule');
});

test('the last run of the node itself counts, a trial at a time, never closer than 30 %', () => {
  const estimate = makeEstimator(historyOf([ran('a', 2e6, 2000)]));
  expect(estimate(study('a', 2e6, 80))).toEqual({ms: 160_000, lowMs: 112_000, highMs: 208_000, from: 'history'});
});

test('a node that never ran takes the median of its rule and budget, with their spread', () => {
  const estimate = makeEstimator(historyOf([ran('a', 2e6, 1000), ran('b', 2e6, 2000), ran('c', 2e6, 9000), ran('d', 2e7, 5)]));
  const guess = estimate(study('new', 2e6, 1));
  expect(guess).toMatchObject({ms: 2000, from: 'history'});
  expect(guess?.lowMs).toBeCloseTo(1100);
  expect(guess?.highMs).toBeCloseTo(8300);
});

test('a budget never run is on the line of log time over log parameter count; below two budgets the file decides', () => {
  expect(makeEstimator(historyOf([ran('a', 2e6, 26_000)]))(study('b', 2e9))?.from).toBe('file');
  const estimate = makeEstimator(historyOf([ran('a', 2e6, 26_000), ran('b', 2e7, 104_000)]))(study('c', 2e8));
  expect(estimate?.from).toBe('regression');
  expect(estimate?.ms).toBeCloseTo(50 * 416_000, -2);
  expect((estimate?.highMs ?? 0) / (estimate?.ms ?? 1)).toBeCloseTo(2);
});

test('where runs scatter around the line, the range is the prediction interval, wider with the distance', () => {
  const samples = [1, 2, 3, 4, 5, 6].map((step) => ran(`${step}`, 10 ** step, 100 * 3 ** step * (step % 2 === 0 ? 1.6 : 1 / 1.6)));
  const estimate = makeEstimator(historyOf(samples));
  const [near, far] = [estimate(study('n', 3e3)), estimate(study('f', 1e9))];
  const factorOf = (guess: typeof near): number => (guess?.highMs ?? 0) / (guess?.ms ?? 1);
  expect(factorOf(near)).toBeGreaterThan(2);
  expect(factorOf(far)).toBeGreaterThan(factorOf(near));
});

test('the real costs of three budgets price the fourth within its range', () => {
  const measured = [ran('2M', 2e6, 26_000), ran('20M h1', 2e7, 52_000), ran('20M h5', 2e7, 185_000), ran('200M', 2e8, 16 * 60_000)];
  const estimate = makeEstimator(historyOf(measured))(study('2B', 2e9));
  expect(estimate?.lowMs).toBeLessThan(59 * hour);
  expect(estimate?.highMs).toBeGreaterThan(59 * hour);
});

const trace: Trace = {
  kind: 'done',
  node: nodeId('a'),
  key: 'k' as never,
  how: 'ran',
  at: 0,
  durationMs: 3000,
  manifest: [],
  outputs: [],
  extent: {trials: 80},
};

test('a top-up teaches by the trials that it added; what cost nothing teaches nothing', () => {
  const effort = {rule: 'hpo', size: 2e6, trials: 30} as const;
  expect(sampleOf(trace, effort)?.unitMs).toBe(100);
  expect(sampleOf(trace, {...effort, trials: 0})).toBeUndefined();
  expect(sampleOf({...trace, how: 'restored'}, effort)).toBeUndefined();
  expect(sampleOf(trace, undefined)).toBeUndefined();
});
