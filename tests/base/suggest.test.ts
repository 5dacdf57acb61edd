// Names that may have been meant.
import {expect, test} from 'vitest';

import {findNearest, findNearestFew, suggestion} from '../../src/base/suggest.ts';

test('the nearest name is found, whatever its case', () => {
  expect(findNearest('learnig_rate', ['dropout', 'learning_rate'])).toBe('learning_rate');
  expect(findNearest('2m', ['20M', '2M', '2B'])).toBe('2M');
});

test('what is near nothing gets no suggestion', () => {
  expect(findNearest('colour', ['params', 'tolerance'])).toBeUndefined();
  expect(findNearest('ab', ['xy', 'zz'])).toBeUndefined();
});

test('several come nearest first', () => {
  expect(findNearestFew('phase6a_2M', ['phase6a_20M', 'phase6a_2M_h1', 'phase6a_2B', 'other'], 2)).toEqual(['phase6a_20M', 'phase6a_2B']);
});

test('the sentence names the near one, or what there is', () => {
  expect(suggestion('2N', ['2M', '20M'])).toBe('Did you mean "2M"?');
  expect(suggestion('zzz', ['2M', '20M'], 'Known budgets')).toBe('Known budgets: 2M, 20M.');
  expect(suggestion('zzz', [], 'Known profiles')).toBe('Known profiles: none.');
});
