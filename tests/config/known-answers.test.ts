// Figures that were computed elsewhere and that the formulas must reproduce.
import {describe, expect, test} from 'vitest';

import {architecturesWithin, isWithin, parameterCount} from '../../src/config/architecture.ts';
import {countWindows, findSplitProblem, splitProblem} from '../../src/config/split.ts';
import type {Split} from '../../src/config/split.ts';

const grid = {
  d_model: [64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048],
  n_layers: [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 180, 192, 256],
  n_heads: [2, 4, 8, 16, 32],
  ff_ratio: [2, 4],
};
const input = {features: 25, context: 60, patchLength: 10, patchStride: 5};

describe('parameter counts', () => {
  test.each([
    [64, 48, 2_417_473],
    [64, 32, 1_617_729],
    [1024, 128, 1_612_608_513],
    [768, 256, 1_814_714_113],
  ])('width %i with %i layers and ratio 4 has %i parameters', (dModel, nLayers, count) => {
    expect(parameterCount({...input, dModel, nLayers, ffRatio: 4})).toBe(count);
  });

  test.each([
    [2e6, 80, 16],
    [2e7, 75, 15],
    [2e8, 125, 25],
    [2e9, 75, 15],
  ])('%d parameters within 25 %% leave %i configurations of %i shapes', (params, configurations, shapes) => {
    const fitting = architecturesWithin(grid, input, {params, tolerance: 0.25});
    expect([fitting.architectures.length, fitting.shapes]).toEqual([configurations, shapes]);
  });

  test.each([
    [20, 80],
    [25, 80],
    [100, 65],
    [250, 70],
    [500, 70],
  ])('with %i features %i configurations fit 2M', (features, configurations) => {
    expect(architecturesWithin(grid, {...input, features}, {params: 2e6, tolerance: 0.25}).architectures).toHaveLength(configurations);
  });

  test('heads that do not divide the width are left out, and the edge of the budget belongs to it', () => {
    const fitting = architecturesWithin({d_model: [6], n_layers: [1], n_heads: [2, 3, 4], ff_ratio: [2]}, input, {
      params: 2000,
      tolerance: 0.9,
    });
    expect(fitting.architectures.map((one) => one.nHeads)).toEqual([2, 3]);
    expect([isWithin(75, {params: 100, tolerance: 0.25}), isWithin(126, {params: 100, tolerance: 0.25})]).toEqual([true, false]);
  });

  test('what is nearest is known where nothing fits', () => {
    const {architectures, nearest} = architecturesWithin(grid, input, {params: 10, tolerance: 0.25});
    expect(architectures).toEqual([]);
    expect(nearest).toBe(parameterCount({...input, dModel: 64, nLayers: 2, ffRatio: 2}));
  });
});

const classic: Split = {mode: 'classic', block: 180, validation: 0.15, test: 0.15, embargo: 0, minWindows: 300};

describe('windows', () => {
  test.each([
    [1, 132, 19],
    [3, 128, 19],
    [5, 124, 18],
  ])('the classic split of 8073 rows at horizon %i has %i blocks and %i windows', (horizon, blocks, windows) => {
    expect(countWindows(classic, {rows: 8073, context: 60, horizon})).toEqual({val: windows, test: windows, blocks});
    expect(splitProblem(classic, {rows: 8073, context: 60, horizon})).toMatch(
      new RegExp(`8073 rows .* hold ${windows} validation and ${windows} test windows; at least 300`),
    );
  });

  test('blocks of 180 rows hold 120 windows each at horizon 1', () => {
    const split: Split = {...classic, mode: 'scattered'};
    expect(countWindows(split, {rows: 4779, context: 60, horizon: 1})).toEqual({val: 360, test: 360, blocks: 26});
    expect(splitProblem(split, {rows: 4779, context: 60, horizon: 1})).toBeUndefined();
  });

  test('a contiguous split counts its training windows too', () => {
    expect(countWindows({...classic, mode: 'contiguous'}, {rows: 1000, context: 60, horizon: 5})).toEqual({
      train: 636,
      val: 86,
      test: 86,
      blocks: 2,
    });
  });

  test('by dates nobody knows', () => {
    expect(countWindows({...classic, mode: 'dates'}, {rows: 1000, context: 60, horizon: 5})).toBeUndefined();
    expect(splitProblem({...classic, mode: 'dates'}, {rows: 10, context: 60, horizon: 5})).toBeUndefined();
  });

  test('a block must hold a window', () => {
    const split: Split = {...classic, mode: 'scattered', block: 65};
    expect(findSplitProblem(split, {context: 60, horizon: 5})).toBeUndefined();
    expect(findSplitProblem({...split, block: 64}, {context: 60, horizon: 5})).toMatch(/need 65 rows/);
  });
});
