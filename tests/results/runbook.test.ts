// The runbook of a phase and the README beside its scripts: every experiment, every command, honest costs.
import {readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import type {Span} from '../../src/base/diagnostic.ts';
import {projectPath} from '../../src/base/ids.ts';
import type {Budget, Dataset, Experiment, ParameterSource, Phase, Study} from '../../src/config/study.ts';
import {usualSafety} from '../../src/config/safety.ts';
import {renderRunbook} from '../../src/results/runbook.ts';
import {renderTemplate} from '../../src/results/template.ts';

const templateText = (name: string): string => readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
const span: Span = {file: 'experiments.yaml', offset: 0, length: 0, line: 1, column: 1};
const minute = 60_000;
const budgets: readonly Budget[] = [
  {name: '2M', params: 2e6, tolerance: 0.25, trialMs: 12 * minute, trainingMs: 30 * minute, span},
  {name: '20M', params: 2e7, tolerance: 0.25, span},
];
const dataset: Dataset = {
  name: 'sp500',
  path: projectPath('data/processed/v1/sp500.parquet'),
  origin: {kind: 'file'},
  timescale: 'daily',
  columns: [],
  minRows: 1000,
  maxNan: 0,
  span,
};
const search: ParameterSource = {
  kind: 'study',
  record: new Map(),
  extent: new Map([['trials', {value: 50, from: 'phase phase6a'}]]),
  acceptPartial: false,
  searchSummary: {configurations: 80, shapes: 16, varies: ['architecture', 'dropout']},
};

function experimentOf(budget: Budget, task: string): Experiment {
  const shortName = `${budget.name}_h1_${task}`;
  const identity = {
    experiment: `phase6a_${shortName}`,
    phase: 'phase6a',
    budget: budget.name,
    task,
    horizon: 1,
    timescale: 'daily',
    tier: 'a20',
    data: 'sp500',
  };
  const lender = {experiment: identity.experiment.replace(task, 'threshold_1pct'), weight: 1, distance: 1, identity};
  const source: ParameterSource =
    task === 'threshold_2pct' ? {kind: 'borrow', method: 'copy', from: [lender], searched: new Map(), acceptPartial: false} : search;
  const dims = new Map([
    ['budget', budget.name],
    ['task', task],
    ['horizon', '1'],
  ]);
  return {
    name: identity.experiment,
    shortName,
    phase: 'phase6a',
    identity,
    dims,
    dataset,
    budget,
    source,
    training: {record: new Map(), seeds: [42, 43]},
    checks: [],
    asserts: [],
    code: [],
    span,
  };
}

function studyOf(used: readonly Budget[], over: Partial<Study> = {}): {study: Study; phase: Phase} {
  const experiments = used.flatMap((budget) => ['threshold_1pct', 'threshold_2pct'].map((task) => experimentOf(budget, task)));
  const phase: Phase = {
    name: 'phase6a',
    title: 'Parameter scaling',
    dataset: 'sp500',
    experiments: experiments.map(({name}) => name),
    span,
  };
  const paths = {
    scripts: projectPath('experiments'),
    outputs: projectPath('outputs'),
    log: projectPath('docs/experiment_results.csv'),
    report: projectPath('docs/experiment_results.md'),
    manifest: projectPath('data/manifest.json'),
    docs: projectPath('docs'),
  };
  const python = {kind: 'venv', directory: projectPath('.venv')} as const;
  const study: Study = {
    project: 'demo',
    file: 'experiments.yaml',
    sources: [],
    paths,
    python,
    data: [dataset],
    budgets,
    phases: [phase],
    experiments,
    pools: new Map(),
    safety: usualSafety,
    ...over,
  };
  return {study, phase};
}

async function runbookOf(
  used: readonly Budget[],
  over: Partial<Study> = {},
  change = (experiment: Experiment): Experiment => experiment,
): Promise<string> {
  const {study, phase} = studyOf(used, over);
  return renderRunbook({...study, experiments: study.experiments.map(change)}, phase, templateText('runbook.md.hbs'));
}

test('a runbook lists experiments, commands by hand and costs, the same every time', async () => {
  const text = await runbookOf(budgets);
  expect(await runbookOf(budgets)).toBe(text);
  expect(text.match(/^## .*/gm)).toEqual([
    '## What runs',
    '## With the engine',
    '## What it costs',
    '## By hand',
    '## When something is wrong',
  ]);
  expect(text).toContain('4 experiments: 2 searches, 2 with borrowed parameters, 8 trainings');
  expect(text).toContain('\n.venv/bin/python experiments/phase6a/hpo_2M_h1_threshold_1pct.py\n');
  expect(text).not.toContain('hpo_2M_h1_threshold_2pct.py');
  expect(text).toContain('\n.venv/bin/python experiments/phase6a/train_2M_h1_threshold_2pct.py\n');
  expect(text).toContain('| copy of phase6a_2M_h1_threshold_1pct × 1 | – | 60 min |');
  expect(text).toContain('\nftsbuild outputs/hpo/phase6a\n');
  expect(text).toContain('a row in `docs/experiment_results.csv`');
  expect(text).not.toMatch(/NaN|undefined|\[object/);
  const directory = process.env['FIGURES'];
  if (directory !== undefined) writeFileSync(`${directory}/runbook.md`, text);
});

test('costs add up per budget, and one unknown part makes the sum unknown', async () => {
  const text = await runbookOf(budgets);
  expect(text).toContain('| 2M | 2 | 50 | 10 h | 4 | 2 h | 12 h |');
  expect(text).toContain('| 20M | 2 | 50 | unknown | 4 | unknown | unknown |');
  expect(text).toContain('| all | 4 | 100 | unknown | 8 | unknown | unknown |');
});

test('commands carry the profile and the file that they need', async () => {
  const text = await runbookOf(budgets, {profile: 'smoke', file: 'configs/other.yaml'});
  expect(text).toContain('\nftsbuild -f configs/other.yaml --profile smoke --dry-run phase6a\n');
});

test('what searches nothing, and what is not trained, has no script of that kind and costs nothing there', async () => {
  const text = await runbookOf(budgets, {}, (experiment) =>
    experiment.budget.name === '2M'
      ? {...experiment, source: {kind: 'record'}}
      : {...experiment, training: {...experiment.training, seeds: []}},
  );
  expect(text).toContain('4 experiments: 1 searches, 1 with borrowed parameters, 2 without a search, 4 trainings');
  expect(text).toContain('| the file: nothing is searched | – | 60 min |');
  expect(text).not.toMatch(/hpo_2M|train_20M/);
});

test('the README of a phase lists its scripts', async () => {
  const experiments = [
    {
      name: 'phase6a_2M_h1_threshold_1pct',
      budget: '2M',
      task: 'threshold_1pct',
      horizon: 1,
      tier: 'a20',
      borrowed_from: [],
      hpo_script: 'experiments/phase6a/hpo_x.py',
      train_script: 'experiments/phase6a/train_x.py',
      seeds: [42, 43],
    },
    {
      name: 'phase6a_2M_h1_threshold_2pct',
      budget: '2M',
      task: 'threshold_2pct',
      horizon: 1,
      tier: 'a20',
      borrowed_from: ['a', 'b'],
      hpo_script: null,
      train_script: 'experiments/phase6a/train_y.py',
      seeds: [42],
    },
  ];
  const text = await renderTemplate(templateText('phase-readme.md.hbs'), {
    phase: 'phase6a',
    title: 'Parameter scaling',
    config_file: 'experiments.yaml',
    reads_params: true,
    experiments,
  });
  expect(text).toContain(
    '| phase6a_2M_h1_threshold_1pct | 2M | threshold_1pct | 1 | a20 | `experiments/phase6a/hpo_x.py` | `experiments/phase6a/train_x.py` | 42, 43 |',
  );
  expect(text).toContain('| a20 | borrowed from a, b | `experiments/phase6a/train_y.py` | 42 |');
  expect(text).toContain('```sh\npython experiments/phase6a/hpo_x.py\npython experiments/phase6a/train_x.py\n```\n');
});

test('a name that the variables lack is a bug, and helpers write values', async () => {
  await expect(renderTemplate('{{absent}}', {})).rejects.toThrow('absent');
  expect(await renderTemplate('{{literal x}} <{{y}}>', {x: 'a"b', y: '&'}, {literal: (value) => JSON.stringify(value)})).toBe(
    '"a\\"b" <&>',
  );
});
