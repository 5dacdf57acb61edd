// Which nodes a word on the command line means, and what is said when it means none.
import {expect, test} from 'vitest';
import {parseFilter, selectNodes, type DimensionFilter} from '../../src/graph/select.ts';
import {replaced} from '../config/texts.ts';
import {studyFromText} from '../support/studies.ts';

const second = `  second:
    matrix: {budget: [6K]}
    task: up1
    hpo: {search: {architecture: {d_model: [8, 16], n_layers: [1, 2, 3, 4, 6], n_heads: [2, 4], ff_ratio: [2, 4]}}}
`;
const {graph} = studyFromText(replaced('task: [up1, up2, up3]}', 'task: [up1, up2, up3], horizon: [1, 10]}') + second);

interface Words {
  readonly only?: readonly string[];
  readonly except?: readonly string[];
}

function select(targets: readonly string[], {only = [], except = []}: Words = {}): ReturnType<typeof selectNodes> {
  return selectNodes(graph, {targets, only: only.map(filterOf), except: except.map(filterOf)});
}

function filterOf(word: string): DimensionFilter {
  const parsed = parseFilter(word);
  if (!parsed.ok) throw new Error(`${word} is no filter`);
  return parsed.value;
}

function labels(...args: Parameters<typeof select>): readonly string[] {
  const selected = select(...args);
  if (!selected.ok) throw new Error(selected.error.map(({message}) => message).join('; '));
  return selected.value.map(({label}) => label);
}

function refusal(...args: Parameters<typeof select>): string {
  const selected = select(...args);
  if (selected.ok) throw new Error('it selects something');
  return selected.error.map(({code, message, help}) => `${code} ${message}; ${help ?? ''}`).join('\n');
}

test('an output path selects the node that makes it', () => {
  expect(labels(['outputs/hpo/first_6K_h1_up1/best_params.json'])).toEqual(['hpo first_6K_h1_up1']);
  expect(labels(['outputs/hpo/first_6K_h1_up1/trials.jsonl'])).toEqual(['hpo first_6K_h1_up1']);
  expect(labels(['./outputs/training/first_6K_h1_up1/seed42/metrics.json'])).toEqual(['training first_6K_h1_up1 seed 42']);
});

test('a directory selects what lies in it, with or without a slash at its end', () => {
  for (const word of ['outputs/training/first_6K_h1_up1', 'outputs/training/first_6K_h1_up1/', './outputs/training/first_6K_h1_up1'])
    expect(labels([word])).toEqual(['training first_6K_h1_up1 seed 42']);
  expect(labels(['outputs/hpo'])).toHaveLength(13);
});

test('a path goes on at a slash or an underscore only: h1 does not mean h10', () => {
  expect(labels(['outputs/hpo/first_6K_h1'])).toEqual(['hpo first_6K_h1_up1', 'borrow first_6K_h1_up2', 'hpo first_6K_h1_up3']);
  expect(labels(['outputs/hpo/first_6K_h10'])).toEqual(['hpo first_6K_h10_up1', 'borrow first_6K_h10_up2', 'hpo first_6K_h10_up3']);
  expect(refusal(['outputs/hpo/first_6K_h'])).toContain('nothing is called "outputs/hpo/first_6K_h"');
});

test('a glob matches output paths and their folders', () => {
  expect(labels(['outputs/hpo/*_h10_up[13]'])).toEqual([
    'hpo first_6K_h10_up1',
    'hpo first_6K_h10_up3',
    'hpo first_18K_h10_up1',
    'hpo first_18K_h10_up3',
  ]);
  expect(labels(['outputs/**/first_18K_h1_{up1,up2}/**'])).toEqual([
    'hpo first_18K_h1_up1',
    'training first_18K_h1_up1 seed 42',
    'borrow first_18K_h1_up2',
    'training first_18K_h1_up2 seed 42',
  ]);
});

test("an experiment's name selects all of it, and nothing that only begins with it", () => {
  expect(labels(['first_6K_h1_up1'])).toEqual([
    'script experiments/first/hpo_6K_h1_up1.py',
    'hpo first_6K_h1_up1',
    'script experiments/first/train_6K_h1_up1.py',
    'training first_6K_h1_up1 seed 42',
  ]);
});

test('what names of experiments begin with selects them all, up to an underscore', () => {
  expect(labels(['first_6K_h10'])).toEqual(labels(['first_6K_h10_up1', 'first_6K_h10_up2', 'first_6K_h10_up3']));
  expect(refusal(['first_6K_h'])).toContain('nothing is called "first_6K_h"');
});

test('verbs of other tools point to what is meant', () => {
  for (const word of ['run', 'build']) expect(refusal([word])).toContain('a build has no verb: `ftsbuild all`');
  expect(refusal(['dry-run'])).toContain('`ftsbuild all --dry-run`');
});

test("a phase's name selects all of the phase, its README included", () => {
  expect(labels(['second'])).toEqual([
    'script experiments/second/README.md',
    'script experiments/second/hpo_6K_h1_up1.py',
    'hpo second_6K_h1_up1',
    'script experiments/second/train_6K_h1_up1.py',
    'training second_6K_h1_up1 seed 42',
  ]);
});

test('groups select by rule; searches include borrows', () => {
  expect(labels(['environment'])).toEqual(['environment .venv']);
  expect(labels(['data'])).toEqual(['data sp500']);
  expect(labels(['hpo'])).toHaveLength(13);
  expect(labels(['scripts'])).toHaveLength(2 + 9 + 13);
  expect(labels(['training'])).toHaveLength(13);
  expect(labels(['report'])).toEqual(['report docs/experiment_results.md']);
  expect(labels(['all'])).toHaveLength(graph.nodes.length);
});

test('several targets select each node once, in file order', () => {
  expect(labels(['first_6K_h1_up2', 'outputs/hpo/first_6K_h1'])).toEqual([
    'hpo first_6K_h1_up1',
    'borrow first_6K_h1_up2',
    'script experiments/first/train_6K_h1_up2.py',
    'training first_6K_h1_up2 seed 42',
    'hpo first_6K_h1_up3',
  ]);
});

test('--only and --except narrow by dimension', () => {
  expect(labels(['hpo'], {only: ['budget=18K', 'task=up1,up2'], except: ['horizon=10']})).toEqual([
    'hpo first_18K_h1_up1',
    'borrow first_18K_h1_up2',
  ]);
  expect(labels(['hpo'], {only: ['phase=second']})).toEqual(['hpo second_6K_h1_up1']);
  expect(labels(['hpo'], {only: ['horizon=h10', 'budget=6K', 'task=up3']})).toEqual(['hpo first_6K_h10_up3']);
});

test('what belongs to no experiment is left out by --only, but for the report, and stays under --except', () => {
  expect(labels(['all'], {only: ['budget=18K'], except: ['task=up1,up2', 'horizon=10']})).toEqual([
    'script experiments/first/hpo_18K_h1_up3.py',
    'hpo first_18K_h1_up3',
    'script experiments/first/train_18K_h1_up3.py',
    'training first_18K_h1_up3 seed 42',
    'report docs/experiment_results.md',
  ]);
  expect(labels(['data', 'hpo'], {except: ['budget=6K,18K']})).toEqual(['data sp500']);
});

test('a typo is answered with the nearest targets', () => {
  expect(refusal(['trainign'])).toBe('FTS401 nothing is called "trainign"; did you mean training?');
  expect(refusal(['first_6K_h1_up4'])).toMatch(/did you mean first_6K_h1_up1, first_6K_h1_up2, first_6K_h1_up3\?/);
  expect(refusal(['outputs/hpo/first_6K_h1_up1/best_parms.json'])).toContain('did you mean outputs/hpo/first_6K_h1_up1/best_params.json');
  expect(refusal(['outputs/hpo/frist_6K_h1'])).toContain('did you mean outputs/hpo/first_6K_h1');
  expect(refusal(['no such thing at all'])).toContain('`ftsbuild list` shows every target');
});

test.each([
  ['outputs/hpo/first_7K_h1', 'outputs/hpo/first_6K_h1'],
  ['outputs/hp/first_6K_h1', 'outputs/hpo/first_6K_h1'],
  ['outputs/hpo/*_18M_*', 'outputs/hpo/*_18K_*'],
  ['experiments/frist/hpo_18M*', 'experiments/first/hpo_18K*'],
  ['frist_6K_h10', 'first_6K_h10?'],
])('a typo in a word of a prefix or a glob, or a folder left out: %s', (target, meant) => {
  expect(refusal([target])).toContain(`did you mean ${meant}`);
});

test('of ten thousand targets the one that was meant is found at once', () => {
  const matrix = `batch_size: [${Array.from({length: 50}, (_, index) => 60 + index).join(', ')}], horizon: [${Array.from({length: 25}, (_, index) => index + 1).join(', ')}]`;
  const many = studyFromText(
    replaced(
      'matrix: {budget: [6K, 18K], task: [up1, up2, up3]}',
      `name: '{phase}_{budget}_c{batch_size}_h{horizon}_{task}'\n    matrix: {budget: [6K], task: [up1, up2, up3], ${matrix}}`,
    ),
  ).graph;
  expect(many.nodes.length).toBeGreaterThan(10_000);
  for (const target of ['outputs/hpo/first_6N_c60_h1', 'outputs/hpo/*_6N_*', 'first_6N_c60_h1', 'nothing_like_this/at_all']) {
    const begun = performance.now();
    expect(selectNodes(many, {targets: [target], only: [], except: []}).ok).toBe(false);
    expect(performance.now() - begun).toBeLessThan(5000);
  }
});

test('every wrong word is told, not the first one only', () => {
  expect(refusal(['dta', 'hpo', 'reprot']).split('\n')).toHaveLength(2);
});

test('an unknown dimension or value is an error with a suggestion', () => {
  expect(refusal(['all'], {only: ['bugdet=6K']})).toBe('FTS404 there is no dimension "bugdet"; did you mean budget?');
  expect(refusal(['all'], {except: ['budget=18k']})).toBe('FTS404 no target has budget=18k; did you mean 18K?');
  expect(refusal(['all'], {only: ['horizon=7']})).toBe('FTS404 no target has horizon=7; there is 1, 10');
});

test('filters that leave nothing are an error', () => {
  expect(refusal(['second'], {only: ['budget=18K']})).toMatch(/^FTS402 nothing of second is left by --only and --except/);
});

test.each(['budget', 'budget=', '=6K', 'budget=6K=18K'])('"%s" is no filter', (word) => {
  const parsed = parseFilter(word);
  expect(parsed.ok ? [] : parsed.error.map(({code}) => code)).toEqual(['FTS403']);
});

test('a phase with the name of a later verb is reached as a path', () => {
  const named = studyFromText(replaced('  first:', '  fsck:')).graph;
  const selected = selectNodes(named, {targets: ['./fsck'], only: [], except: []});
  expect(selected.ok && selected.value.every(({phase}) => phase === 'fsck') && selected.value.length > 0).toBe(true);
  expect(labels(['./first'])).toEqual(labels(['first']));
});
