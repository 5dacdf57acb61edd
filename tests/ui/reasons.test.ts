// The sentence for what changed shows what differs.
import {expect, test} from 'vitest';
import {describeDifference, describeForecast} from '../../src/ui/reasons.ts';

const long = (end: number): string =>
  JSON.stringify(Array.from({length: 30}, (_, at) => ({name: `p${String(at)}`, value: at === 29 ? end : 0})));

test.each([
  ['param search', '{"dropout":{"high":0.3,"low":0.1}}', '{"dropout":{"high":0.2,"low":0.1}}', 'search: dropout.high 0.3 -> 0.2'],
  ['param extent', '{"timeout":null,"trials":4}', '{"timeout":null,"trials":6}', 'trials 4 -> 6'],
  ['param features', '["a","b"]', '["a","c"]', 'features: +c, -b'],
  ['param d_model', '64', '128', 'd_model: 64 -> 128'],
])('%s', (name, before, after, text) => {
  expect(describeDifference({name, before, after})).toBe(text);
});

test('long values that begin alike are shown from where they differ', () => {
  const [, before, after] =
    /^search: (.*) -> (.*)$/.exec(describeDifference({name: 'param search', before: long(1), after: long(2)})) ?? [];
  expect(before).toContain('1}');
  expect(after).toContain('2}');
});

test('of a copied result it is said whose it is', () => {
  const trace = {how: 'restored', from: 'outputs/hpo/x/best_params.json'};
  const entry = {will: 'stay', verdict: {is: 'fresh', trace}} as never;
  expect(describeForecast(entry)).toBe('fresh: restored, a copy of outputs/hpo/x/best_params.json');
});
