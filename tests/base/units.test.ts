// Quantities as people write them.
import {expect, test} from 'vitest';

import {formatCount, formatDuration, parseCount, parseDuration, parseSize} from '../../src/base/units.ts';

test('durations', () => {
  expect(['4h', '30m', '12s', '2d', '1h30m', '250ms', '1.5h'].map(parseDuration)).toEqual([
    14_400_000, 1_800_000, 12_000, 172_800_000, 5_400_000, 250, 5_400_000,
  ]);
  expect(['', '4', 'h', '4 h', '-4h', '4h!', '4 hours', '1e3s'].map(parseDuration)).toEqual(Array.from({length: 8}));
  expect([0, 250, 12_000, 482_000, 1_500_000, 16_200_000, 183_600_000, 59_999].map(formatDuration)).toEqual([
    '0ms',
    '250ms',
    '12s',
    '8m 2s',
    '25m',
    '4h 30m',
    '2d 3h',
    '1m',
  ]);
});

test('sizes', () => {
  expect(['10GB', '1.5 TB', '512MiB', '7B', '1KB'].map(parseSize)).toEqual([1e10, 1.5e12, 536_870_912, 7, 1000]);
  expect(['10', 'GB', '10G', '-1GB', ''].map(parseSize)).toEqual(Array.from({length: 5}));
});

test('counts', () => {
  expect(['2M', '2.0e6', '2000000', '2B', '6K', '6k', '1.1M'].map(parseCount)).toEqual([2e6, 2e6, 2e6, 2e9, 6000, 6000, 1_100_000]);
  expect(['', 'M', '2Q', '-2M', '2MM', '0x10'].map(parseCount)).toEqual(Array.from({length: 6}));
  expect([950, 6100, 2_417_473, 1_612_608_513].map(formatCount)).toEqual(['950', '6.1K', '2.42M', '1.61B']);
});
