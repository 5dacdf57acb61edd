// What a plan counts of windows and positives: the same as the job counts, for every mode of a split; and what it refuses by it.
import {execFileSync} from 'node:child_process';
import {deflateSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {permutation} from '../../src/base/permutation.ts';
import {placeWindows} from '../../src/config/window-places.ts';
import {countPositives, describeTooFew} from '../../src/build/positives.ts';
import {unpackPrices} from '../../src/state/prices.ts';
import {repositoryRoot, testPython} from '../support/python-interpreter.ts';

test('permutations are those that numpy draws', () => {
  expect(permutation(42, 12)).toEqual([0, 7, 6, 9, 11, 3, 5, 2, 4, 10, 1, 8]);
  expect(permutation(0, 1)).toEqual([0]);
  expect(permutation(3, 0)).toEqual([]);
});

interface Sample {
  readonly records: readonly Record<string, number | string | null>[];
  readonly dates: readonly string[];
  readonly high: readonly number[];
  readonly close: readonly number[];
  readonly counts: readonly Record<'train' | 'val' | 'test', readonly number[]>[];
}

// The jobs' own code, over random records of all modes.
const counting = `
import json, sys
import numpy as np
from fts.labels import label_rises
from fts.outcomes import BadInput
from fts.record import Record
from fts.splits import read_mode, split_windows
random = np.random.default_rng(5)
dates = np.busday_offset(np.datetime64("2001-01-01"), np.arange(700))
close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.01, 700))), 2)
high = np.round(close * (1 + np.abs(random.normal(0, 0.005, 700))), 2)
records, counts = [], []
while len(records) < 160:
    mode = ("scattered", "classic", "contiguous", "dates")[len(records) % 4]
    days = sorted(str(day) for day in random.choice(dates, 4, replace=False))
    record = {"split.mode": mode, "split.block": int(random.integers(30, 120)), "split.validation": round(float(random.random() * 0.4), 2),
        "split.test": round(float(random.random() * 0.4), 2), "split.embargo": int(random.integers(0, 20)), "split.seed": int(random.integers(0, 2**40)),
        "split.validation_from": days[0], "split.validation_to": days[1], "split.test_from": days[2], "split.test_to": days[3] if random.random() < 0.5 else None,
        "context": int(random.integers(1, 25)), "horizon": int(random.integers(1, 6)), "task.pct": float(random.choice([0.5, 1, 2.5]))}
    split = split_windows(read_mode(Record(record)), rows=700, context=record["context"], horizon=record["horizon"], dates=dates)
    if isinstance(split, BadInput): continue
    labels = label_rises(high, close, pct=record["task.pct"], horizon=record["horizon"])
    records.append(record)
    counts.append({name: [len(ends), int(labels[ends].sum()), int(ends.sum())] for name, ends in (("train", split.train), ("val", split.val), ("test", split.test))})
json.dump({"records": records, "counts": counts, "dates": [str(day) for day in dates], "high": high.tolist(), "close": close.tolist()}, sys.stdout)
`;

test('windows and positives are those that the job counts, in every mode of a split', () => {
  const out = execFileSync(testPython(), ['-c', counting], {
    env: {...process.env, PYTHONPATH: `${repositoryRoot}/python`},
    maxBuffer: 1 << 26,
  });
  const {records, counts, ...prices} = JSON.parse(out.toString()) as Sample;
  const seen = records.map((record) => {
    const places = placeWindows(record, prices.dates);
    const found = countPositives(prices, record);
    const of = (use: 'train' | 'val' | 'test'): readonly (number | undefined)[] => [
      found?.[use].windows,
      found?.[use].positives,
      places?.[use].reduce((sum, end) => sum + end, 0),
    ];
    return {train: of('train'), val: of('val'), test: of('test')};
  });
  expect(seen).toEqual(counts);
});

test('what is too little is said of every split in one sentence', () => {
  const counts = {train: {windows: 90, positives: 0}, val: {windows: 5, positives: 2}, test: {windows: 0, positives: 0}};
  expect(describeTooFew(counts, {'split.min_windows': 10, 'split.min_positives': 1})).toBe(
    'train has 0 positives of 1; train has one class only (0 of 90 windows are positive); val has 5 windows of 10; ' +
      'test has 0 windows of 10; test has 0 positives of 1',
  );
  expect(
    describeTooFew({train: {windows: 9, positives: 2}, val: {windows: 9, positives: 2}, test: {windows: 9, positives: 2}}, {}),
  ).toBeUndefined();
});

test('damaged prices are no prices', () => {
  const packed = (text: string): string => deflateSync(text).toString('base64');
  expect(unpackPrices(packed('2001-01-01,1.5,1.25\n2001-01-02,2,1'))).toEqual({
    dates: ['2001-01-01', '2001-01-02'],
    high: [1.5, 2],
    close: [1.25, 1],
  });
  expect(unpackPrices(packed('2001-01-01,x,1'))).toBeUndefined();
  expect(unpackPrices(packed('2001-01-01,1.5,1.25').slice(0, 8))).toBeUndefined();
});
