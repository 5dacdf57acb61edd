// The sentence for what changed shows what differs, in the words of the YAML.
import {expect, test} from 'vitest';
import {describeDifference, describeForecast, describeReason} from '../../src/ui/reasons.ts';

const experiment = (name: string, epochs: number): object => ({identity: {experiment: name, budget: '3K'}, training: {epochs}});

test.each([
  [
    'param search',
    {dropout: {kind: 'uniform', low: 0, high: 0.3}},
    {dropout: {kind: 'uniform', low: 0, high: 0.2}},
    'search.dropout: {uniform: [0, 0.3]} -> {uniform: [0, 0.2]}',
  ],
  [
    'param search',
    {epochs: {kind: 'int', low: 1, high: 9, step: 4}},
    {epochs: {kind: 'choice', choices: [5, 7]}},
    'search.epochs: {int: [1, 9], step: 4} -> {choice: [5, 7]}',
  ],
  ['param extent', {timeout: null, trials: 4}, {timeout: null, trials: 6}, 'trials: 4 -> 6'],
  ['param features', ['a', 'b'], ['a', 'c'], 'features: +c, -b'],
  ['param d_model', 64, 128, 'd_model: 64 -> 128'],
  ['param record', {epochs: 1, loss: 'bce'}, {epochs: 2, loss: 'focal'}, 'epochs: 1 -> 2, loss: bce -> focal'],
  ['param record', {weight: null}, {weight: 3}, 'weight: none -> 3'],
  ['param fixed', [{name: 'epochs', value: 1}], [{name: 'epochs', value: 2}], 'epochs: 1 -> 2'],
  ['param architecture', [{name: 'd_model', value: [8]}], [{name: 'd_model', value: [8, 16]}], 'architecture.d_model: +16'],
  ['param forced', [{d_model: 8}], [{d_model: 8}, {d_model: 16, n_layers: 2}], 'forced: +{d_model: 16, n_layers: 2}'],
  ['param experiments', [experiment('a', 1)], [experiment('a', 1), experiment('b', 1)], 'experiments: +b'],
  [
    'param experiments',
    ['a', 'b', 'c'].map((name) => experiment(name, 1)),
    ['a', 'b', 'c'].map((name) => experiment(name, 2)),
    'training.epochs: 1 -> 2 (3 experiments)',
  ],
  ['param identity', {tier: 'a20'}, {tier: 'a100'}, 'identity.tier: a20 -> a100'],
  ['file environment#/training', {torch: '2.9'}, {torch: '2.10'}, 'environment: torch 2.9 -> 2.10'],
  ['param title', 'Old', 'N\u202eew', 'title: Old -> N\\u202eew'],
])('%s', (name, before, after, text) => {
  expect(describeDifference({name, before: JSON.stringify(before), after: JSON.stringify(after)})).toBe(text);
});

test('what the same change makes different in two places of a step is one reason', () => {
  const changes = [
    {name: 'param fixed', before: '[{"name":"epochs","value":1}]', after: '[{"name":"epochs","value":2}]'},
    {name: 'param record', before: '{"epochs":1}', after: '{"epochs":2}'},
  ];
  expect(describeReason({because: 'changed', changes})).toBe('epochs: 1 -> 2');
});

test('long texts that begin alike are shown from where they differ', () => {
  const path = 'folder/'.repeat(12);
  const text = describeDifference({name: 'param log', before: JSON.stringify(`${path}a.csv`), after: JSON.stringify(`${path}b.csv`)});
  expect(text).toBe('log: ...lder/folder/a.csv -> ...lder/folder/b.csv');
});

test('of a copied result it is said whose it is', () => {
  const trace = {how: 'restored', from: 'outputs/hpo/x/best_params.json'};
  const entry = {will: 'stay', verdict: {is: 'fresh', trace}} as never;
  expect(describeForecast(entry)).toBe('fresh: restored, a copy of outputs/hpo/x/best_params.json');
});
