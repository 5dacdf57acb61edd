// Student's t against printed tables and closed forms.
import {expect, test} from 'vitest';
import {incompleteBeta, tQuantile, tUpperTail} from '../../src/results/distributions.ts';

test.each([
  [1, 12.706204736432102],
  [2, 4.302652729911275],
  [3, 3.182446305284263],
  [18, 2.1009220402409601],
  [30, 2.0422724563012373],
  [1000, 1.9623390808264078],
])('the 97.5 % quantile of t on %i degrees of freedom is %f', (degreesOfFreedom, expected) => {
  expect(tQuantile(0.975, degreesOfFreedom)).toBeCloseTo(expected, 9);
});

test('t on one degree of freedom is the Cauchy distribution', () => {
  for (const t of [0, 0.1, 1, 7, 200]) expect(tUpperTail(t, 1)).toBeCloseTo(0.5 - Math.atan(t) / Math.PI, 13);
});

test('the incomplete beta function has its closed forms and its symmetry', () => {
  for (const x of [0.01, 0.3, 0.5, 0.77, 0.999]) {
    expect(incompleteBeta(x, 1, 1)).toBeCloseTo(x, 13);
    expect(incompleteBeta(x, 3, 1)).toBeCloseTo(x ** 3, 13);
    expect(incompleteBeta(x, 2.5, 40) + incompleteBeta(1 - x, 40, 2.5)).toBeCloseTo(1, 12);
  }
});
