// Names that may have been meant.
import {expect, test} from 'vitest';

import {findMeant, findNearest, findNearestFew, suggestion} from '../../src/base/suggest.ts';

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

test('two letters in the wrong order are one step', () => {
  expect(findNearest('teir', ['task', 'tier'])).toBe('tier');
  expect(findNearest('HAED', ['main', 'HEAD'])).toBe('HEAD');
  expect(findNearestFew('form', ['farms', 'from', 'norm'], 3)).toEqual(['from', 'norm']);
});

test('what is equally near is all named, unless it is too much to be meant', () => {
  expect(findMeant('2N', ['2M', '2B', '20M'])).toBe('Did you mean "2M" or "2B"?');
  expect(findMeant('up9', ['up1', 'up2', 'up3'])).toBe('Did you mean "up1", "up2" or "up3"?');
  expect(suggestion('up9', ['up1', 'up2', 'up3', 'up4'])).toBe('Known: up1, up2, up3, up4.');
});

test('no number is taken for a misspelling of another one', () => {
  expect(suggestion('7', ['1', '3', '5'], 'Values of horizon')).toBe('Values of horizon: 1, 3, 5.');
  expect(findNearest('0.25', ['0.2', '0.5'])).toBeUndefined();
  expect(findNearest('6', ['6K'])).toBe('6K');
});
