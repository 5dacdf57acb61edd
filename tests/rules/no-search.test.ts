// A configuration without a search trains once, and a phase may search without training.
import {expect, test} from 'vitest';
import type {Experiment} from '../../src/config/study.ts';
import type {Graph} from '../../src/graph/graph.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {manifestOf} from '../../src/state/manifest.ts';
import {openWorld} from '../../src/state/world.ts';
import {canaryGroups} from '../../src/build/canary.ts';
import {expectProblem, get, problemsOf, replaced, small, studyOf} from '../config/texts.ts';
import {nodeOf, performed, studyFromText} from '../support/studies.ts';

/** The small study, and a phase whose configuration is one. */
const text = `${small}  fixed:
    canary: budget
    matrix: {budget: [6K], task: [up1]}
    d_model: 8
    n_layers: 4
    n_heads: 2
    ff_ratio: 4
    epochs: 7
    training: {seeds: [1, 2]}
`;
const searching = replaced('  first:\n', '  first:\n    training: none\n', text);

function labelsOf({nodes}: Graph, phase: string): readonly string[] {
  return nodes.filter((node) => node.phase === phase).map(({rule, label}) => (rule === 'script' ? label : rule));
}

test('nothing is searched: no study, no search script, one training a seed with parameters from the record', async () => {
  const loaded = studyFromText(text);
  expect(labelsOf(loaded.graph, 'fixed')).toEqual([
    'script experiments/fixed/README.md',
    'script experiments/fixed/train_6K_h1_up1.py',
    'training',
    'training',
  ]);
  const training = nodeOf(loaded, 'outputs/training/fixed_6K_h1_up1/seed1/metrics.json');
  expect(training.work).toMatchObject({job: {record: {d_model: 8, n_layers: 4, epochs: 7}}});
  const script = await performed(nodeOf(loaded, 'experiments/fixed/train_6K_h1_up1.py'));
  expect(Object.values(script)[0]).toContain('HPO_PARAMS_PATH = None');
  const [readme = ''] = Object.values(await performed(nodeOf(loaded, 'experiments/fixed/README.md')));
  expect(readme).toContain('| none | `experiments/fixed/train_6K_h1_up1.py` | 1, 2 |');
  expect(readme).not.toContain('best_params');
});

test('its training has the manifest that it had when a study of one configuration found no parameters for it', () => {
  const node = nodeOf(studyFromText(text), 'outputs/training/fixed_6K_h1_up1/seed1/metrics.json');
  const disk = memoryDisk({});
  const digests = openDigests(disk, handClock(), '.ftsbuild/digests');
  const manifest = manifestOf(node, openWorld({disk, digests, packageRoot: '/none', dataManifest: 'data/manifest.json'}));
  const at = manifest.findIndex(([name]) => name === 'file script');
  expect(manifest[at + 1]).toEqual(['file best_params#/params', '{}']);
});

test('where nothing is searched, the first training of a budget is its canary', () => {
  const {study, graph} = studyFromText(text);
  const [group] = canaryGroups(study.phases, graph, graph.nodes);
  expect(group?.studies.map(({label}) => label)).toEqual(['training fixed_6K_h1_up1 seed 1', 'training fixed_6K_h1_up1 seed 2']);
});

test('a value that only the search was given is the training’s', () => {
  const lines = '    hpo: {search: {dropout: {uniform: [0, 0.3]}}}\nprofiles: {one: {hpo: {dropout: 0.2}}}\n';
  const of = (options: object): Experiment => get(studyOf(`${text}${lines}`, options), 'fixed_6K_h1_up1');
  expect([of({}).source.kind, of({}).training.record.get('dropout')]).toEqual(['study', undefined]);
  const {source, training} = of({profile: 'one'});
  expect([source.kind, training.record.get('dropout')?.value]).toEqual(['record', 0.2]);
});

test.each([
  ['trials', 'hpo: {trials: «20»}'],
  ['subset', 'hpo: {subset: «0.5»}'],
  ['epochs', 'hpo: {epochs: «3»}'],
  ['skip', 'hpo: {skip: «{task: up1}»}'],
])('hpo.%s says that it has no effect', (name, line) => {
  const {severity} = expectProblem(`${text}    ${line}\n`, 'FTS227', new RegExp(`"${name}" has no effect: fixed searches nothing`));
  expect(severity).toBe('warning');
});

test('a search of one configuration says that its trials repeat it', () => {
  const {severity} = expectProblem(
    `${text}    hpo: {search: {dropout: «{choice: [0.2]}»}}\n`,
    'FTS227',
    /^the search of fixed_6K_h1_up1 has one configuration/,
  );
  expect(severity).toBe('warning');
  expect(problemsOf(`${text}    hpo: {search: {dropout: {choice: [0.2, 0.3]}}}\n`)).toEqual([]);
  expect(problemsOf(`${text}    hpo: {trials: 1, search: {dropout: {choice: [0.2]}}}\n`)).toEqual([]);
});

test('settings of defaults and profiles may serve other phases', () => {
  expect(problemsOf(replaced('defaults: {', 'defaults: {hpo: {trials: 9}, ', text))).toEqual([]);
});

test('nothing can be borrowed from what searches nothing', () => {
  const fixed = '{d_model: 8, n_layers: 4, n_heads: 2, ff_ratio: 4, learning_rate: 0.001}';
  const wrong = replaced(
    'from: [{task: up1}, {task: up3}]',
    'from: [«{task: up1}», {task: up3}]',
    replaced(
      'budget: [6K, 18K]',
      'budget: [6K]',
      replaced('    hpo:\n', `    cases: [{name: one, when: {task: up1}, set: ${fixed}}]\n    hpo:\n`, small),
    ),
  );
  expectProblem(wrong, 'FTS233', /first_6K_h1_up2 borrows from first_6K_h1_up1, which searches nothing/);
});

test('`training: none` leaves searches and borrows, and no training', async () => {
  const loaded = studyFromText(searching);
  expect(new Set(labelsOf(loaded.graph, 'first').filter((label) => !label.startsWith('script')))).toEqual(new Set(['hpo', 'borrow']));
  expect(labelsOf(loaded.graph, 'first').filter((label) => label.includes('train_'))).toEqual([]);
  expect(get(loaded.study, 'first_6K_h1_up1').training.seeds).toEqual([]);
  const [readme = ''] = Object.values(await performed(nodeOf(loaded, 'experiments/first/README.md')));
  expect(readme).toContain('`experiments/first/hpo_6K_h1_up1.py` | none |');
  expect(problemsOf(replaced('training: none', 'training: nothing', searching)).map(({code}) => code)).toEqual(['FTS115']);
});
