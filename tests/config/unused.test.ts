// What a file declares and no experiment uses is said at its place; what a profile leaves out is not.
import {expect, test} from 'vitest';
import {problemsOf, replaced, shown, small} from './texts.ts';

function told(text: string, profile?: string): readonly string[] {
  return problemsOf(text, {...(profile !== undefined && {profile})}).map(shown);
}

test.each([
  ['budgets:\n', 'budgets:\n  2M: {params: 2M}\n', '5:3: FTS216 no experiment uses the budget "2M"'],
  ['tasks:\n', 'tasks:\n  up5: {kind: threshold, pct: 5}\n', '8:3: FTS216 no experiment uses the task "up5"'],
  ['data:\n', 'data:\n  other: {path: data/other.parquet}\n', '3:3: FTS216 no experiment uses the dataset "other"'],
  ['defaults:', 'shapes:\n  wide: {d_model: 16}\ndefaults:', '12:3: FTS216 no experiment uses the shape "wide"'],
])('a declaration without a use is a warning: %s', (from, to, said) => {
  // Two datasets need a phase to choose one.
  const text = replaced(from, to).replace('  first:\n', to.includes('other') ? '  first:\n    data: sp500\n' : '  first:\n');
  expect(told(text).map((line) => line.replace('experiments.yaml:', ''))).toEqual([expect.stringContaining(said.split(': ')[1] ?? '')]);
  expect(told(text)[0]).toContain(`:${said.split(': ')[0] ?? ''}`);
});

test('a file that uses all it declares has no warning', () => {
  expect(told(small)).toEqual([]);
});

test('a shape that a case or a dimension names is used', () => {
  const text = replaced('defaults:', 'shapes:\n  wide: {d_model: 16, n_layers: 4, n_heads: 2, ff_ratio: 4}\ndefaults:');
  const cased = text.replace('    hpo:\n', '    cases:\n      - {when: {budget: 18K}, shape: wide}\n    hpo:\n');
  expect(told(cased).filter((line) => line.includes('FTS216'))).toEqual([]);
});

test('under a profile that leaves phases or budgets out nothing is called unused', () => {
  const text = `${small}profiles:\n  smoke: {only: {budget: 6K}}\n`;
  expect(told(text, 'smoke')).toEqual([]);
  expect(told(text)).toEqual([]);
});
