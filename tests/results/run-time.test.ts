// The time of all attempts counts each second once, although a row holds the time of the stopped attempts before it.
import {expect, test} from 'vitest';
import type {LogRow, RunStatus} from '../../src/results/log.ts';
import {totalSeconds} from '../../src/results/run-time.ts';
import {formatAttempts} from '../../src/results/totals.ts';
import {sampleExperiment, sampleRow} from './samples.ts';

const experiment = sampleExperiment('2M', 'threshold_1pct', 1);

function row(status: RunStatus, duration_seconds: number, over: Partial<LogRow> = {}): LogRow {
  return sampleRow(experiment, {run_type: 'hpo', seed: 42, key: 'a', ...over, status, duration_seconds});
}

test.each<[string, LogRow[], number]>([
  ['attempts that go on with each other', [row('interrupted', 10), row('interrupted', 25), row('partial', 40), row('success', 60)], 60],
  ['a top-up after a success', [row('interrupted', 10), row('success', 30), row('interrupted', 5), row('success', 12)], 42],
  ['another key, and the first one again', [row('interrupted', 10), row('interrupted', 20, {key: 'b'}), row('success', 15)], 35],
  ['a count that began anew', [row('interrupted', 30), row('success', 20)], 50],
  [
    'seeds side by side',
    [row('interrupted', 10), row('interrupted', 10, {seed: 43}), row('success', 20), row('success', 30, {seed: 43})],
    50,
  ],
  ['runs by hand', [row('interrupted', 10, {key: null}), row('success', 20, {key: null})], 30],
])('of %s', (_, rows, seconds) => {
  expect(totalSeconds(rows)).toBe(seconds);
});

test('the report’s totals say so', () => {
  expect(formatAttempts([row('interrupted', 3600), row('success', 7200)])).toMatch(/both.*2\.0 h|both.*2 h/);
});
