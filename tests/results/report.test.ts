// The report: what it shows, what it must never show as current, and that the same input gives the same bytes.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {beforeAll, expect, test} from 'vitest';
import {renderReport, type Report} from '../../src/results/report.ts';
import type {ReportExperiment, ReportInput} from '../../src/results/report-input.ts';
import {sampleExperiment, sampleInput} from './samples.ts';

const template = readFileSync(new URL('../../templates/report.md.hbs', import.meta.url), 'utf8');

let report: Report;

beforeAll(async () => {
  report = await renderReport(sampleInput(), template);
  const directory = process.env['FIGURES'];
  if (directory === undefined) return;
  mkdirSync(`${directory}/experiment_results`, {recursive: true});
  writeFileSync(`${directory}/experiment_results.md`, report.markdown);
  for (const [file, svg] of report.figures) writeFileSync(`${directory}/experiment_results/${file}`, svg);
});

function section(heading: string): string {
  const [, rest = ''] = report.markdown.split(`\n${heading}\n`);
  return rest.split(/\n#{2,3} /)[0] ?? '';
}

function rowOf(text: string, ...starts: readonly string[]): string {
  return text.split('\n').find((line) => starts.every((start) => line.includes(start)) && line.startsWith('|')) ?? '';
}

test('the sections come in their order', () => {
  expect(report.markdown.match(/^#{1,3} .*/gm)).toEqual([
    '# Scaling of PatchTST on daily prices',
    '## Before you read on',
    '## Totals',
    '## phase6a: Parameter scaling',
    '### phase6a: average validation loss',
    '### phase6a: scaling',
    '### phase6a: searches',
    '### phase6a: individual results',
    '## feature_scaling: Feature scaling',
    '### feature_scaling: average validation loss',
    '### feature_scaling: searches',
    '### feature_scaling: individual results',
    '## Not current',
    '## Attempts that did not succeed',
    '## How to read the fits',
  ]);
});

test('the same input gives the same bytes, and Generated is the time of the newest result', async () => {
  const again = await renderReport(sampleInput(), template);
  expect(again.markdown).toBe(report.markdown);
  expect([...again.figures]).toEqual([...report.figures]);
  expect(report.markdown).toContain('Generated: 2026-11-03T10:00:00Z');
  expect(report.markdown).toContain(`key \`${'4f'.repeat(32)}\`, commit \`0123abc\``);
});

test('totals count results by state, and attempts with their success rate', () => {
  const totals = section('## Totals');
  expect(rowOf(totals, '| trainings')).toBe('| trainings | 78 | 67 | 0 | 3 | 4 | 1 | 0 | 3 |');
  expect(rowOf(totals, '| both')).toMatch(/^\| both \| 49 \| 48 \| 1 \| 0 \| 0 \| 0 \| 98\.0 % \|/);
});

test('a table holds means over seeds with their spread, marks, and words where there is no current result', () => {
  const tables = section('### phase6a: average validation loss');
  expect(tables).toContain('**horizon 1**');
  expect(rowOf(tables, '| 6K |')).toMatch(/^\| 6K \| 0\.\d{4} ± 0\.\d{4} \| 0\.\d{4} ± 0\.\d{4}ᵇ \| 0\.\d{4} ± 0\.\d{4} \|$/);
  const [, third = ''] = tables.split('**horizon 3**');
  expect(rowOf(third, '| 6K |')).toContain('*stale*');
  expect(rowOf(third, '| 24K |')).toContain('(1 of 3 seeds)');
  expect(rowOf(third, '| 80K |')).toContain('*invalid*');
  expect(rowOf(third, '| 310K |')).toContain('*refused*');
  expect(rowOf(third, '| 310K |')).toContain('ᵖ');
  expect(rowOf(third, 'always the base rate')).toContain('*0.5930*');
});

test('a phase without budgets to compare is arranged by what varies', () => {
  const tables = section('### feature_scaling: average validation loss');
  expect(rowOf(tables, '| tier |')).toBe('| tier | threshold_1pct |');
  expect(rowOf(tables, '| a100 |')).toMatch(/0\.\d{4}/);
});

test('no number of a stale or invalid result is shown', () => {
  const shown = report.markdown.split('## Not current')[0] ?? '';
  expect(section('### phase6a: individual results')).not.toContain('phase6a_6K_h3_threshold_3pct');
  expect(section('### phase6a: individual results')).not.toContain('phase6a_80K_h3_threshold_3pct');
  expect(section('### phase6a: searches')).not.toContain('\n| phase6a_6K_h3_threshold_3pct');
  expect(rowOf(section('### phase6a: scaling'), 'horizon 3', 'threshold_3pct')).toContain('too few budgets');
  expect(shown).not.toContain('labels were made from Close');
});

test('what is not current is listed with its reason, seeds together', () => {
  const list = section('## Not current');
  expect(list).toContain('| phase6a_6K_h3_threshold_3pct | search | stale | d_model changed: 64 -> 128 |');
  expect(list).toContain('| phase6a_6K_h3_threshold_3pct | training, seeds 42, 43, 44 | stale | its parameters are stale |');
  expect(list).toContain('| training, seed 43 | failed | diverged at epoch 4 \\| loss = nan |');
  expect(list).toContain('| search | refused | validation holds 7 positives of at least 10 |');
  expect(list).toContain('| phase6a_310K_h3_threshold_1pct | search | partial | 31 of 50 trials ended |');
  expect(list).toContain('Not there yet: 4 trainings.');
});

test('a search that was cut, and that nothing may use, is partial and no result', async () => {
  const cut = {
    ...sampleExperiment('6K', 'threshold_1pct', 1),
    source: {at: 'partial', reason: '31 of 50 trials'},
    seeds: [{seed: 42, training: {at: 'missing'}}],
  } as const;
  const {markdown, figures} = await renderReport(
    {...sampleInput(), phases: [{name: 'phase6a', title: 'Parameter scaling', experiments: [cut]}]},
    template,
  );
  expect(markdown).toContain('| 6K | *partial* |');
  expect(markdown.match(/\| partial \| 31 of 50 trials \|/g)).toHaveLength(1);
  expect(figures.has('search_phase6a_h1.svg')).toBe(true);
});

test('the scaling section says what is shown and what is not', () => {
  const scaling = section('### phase6a: scaling');
  expect(rowOf(scaling, 'horizon 1', 'threshold_1pct')).toMatch(/\| 4 \| 12 \| 0\.0\d+ \| \[/);
  expect(scaling).toMatch(/\*\*horizon 3, threshold_1pct:\*\* No scaling law is shown: /);
  expect(scaling).toContain('![Parameter scaling: loss against size, horizon 1](experiment_results/scaling_phase6a_h1.svg)');
});

test('the fit on the sealed test stands beside the one on validation, with the base rates of both', () => {
  const scaling = section('### phase6a: scaling');
  const head = rowOf(scaling, '| at |');
  expect(head).toContain('| base rate | α, test | 95 % interval, test | base rate, test |');
  expect(rowOf(scaling, 'horizon 1', 'threshold_1pct')).toMatch(
    /28\.0 %, loss 0\.5930 \| 0\.\d+ \| \[.*\] \| 28\.0 %, loss 0\.5930 \| law shown \|$/,
  );
  expect(scaling).toMatch(/\*\*horizon 1, threshold_1pct:\*\* A scaling law is shown, on validation and on the sealed test: /);
});

test('a law that only validation shows is called that, in table, text and figure', async () => {
  const input = sampleInput();
  const noTestLaw = (experiment: ReportExperiment): ReportExperiment => ({
    ...experiment,
    seeds: experiment.seeds.map(({seed, training}) =>
      training.at === 'current'
        ? {seed, training: {...training, record: {...training.record, test: {...training.record.test, loss: 0.5 + 0.001 * (seed % 3)}}}}
        : {seed, training},
    ),
  });
  const phases = input.phases.map((phase) => ({...phase, experiments: phase.experiments.map(noTestLaw)}));
  const {markdown, figures} = await renderReport({...input, phases}, template);
  expect(rowOf(markdown, '| horizon 1', '| threshold_1pct |')).toMatch(/\| law on validation only \|$/);
  expect(markdown).toContain(
    'A scaling law is shown on validation only, which also chose the configurations. On the sealed test none is: ',
  );
  expect(figures.get('scaling_phase6a_h1.svg')).toContain(': law on validation only');
});

test('a test accuracy stands beside the base rate of the test', () => {
  const individual = section('### phase6a: individual results');
  const cells = (start: string, ...also: readonly string[]): string[] => rowOf(individual, start, ...also).split(' | ');
  const at = (name: string): number => cells('| experiment').indexOf(name);
  expect(at('test base rate')).toBe(at('test accuracy') + 1);
  expect(cells('phase6a_6K_h1_threshold_1pct', '| 42 |')[at('test base rate')]).toBe('28.0 %');
  expect(cells('phase6a_6K_h1_threshold_1pct', '| 42 |')[at('test base-rate entropy')]).toBe('0.5930');
});

test('cautions name useless and constant models, and rows that cannot be read', () => {
  const cautions = section('## Before you read on');
  expect(cautions).toContain('1 of 67 current trainings predict nearly the same for every window');
  expect(cautions).toContain('no better than always predicting the base rate');
  expect(cautions).toContain('1 row of the log is unreadable and in no total (line 7: the row is cut off)');
  expect(rowOf(section('### phase6a: individual results'), 'phase6a_80K_h1_threshold_3pct', '| 42 |')).toContain(
    '**constant predictions (sd 0.0004)**, **no better than the base rate**',
  );
});

test('what was borrowed names its sources and weights', () => {
  expect(rowOf(section('### phase6a: searches'), 'phase6a_6K_h1_threshold_2pct')).toContain(
    'borrowed (interpolate) from phase6a_6K_h1_threshold_1pct × 0.50, phase6a_6K_h1_threshold_3pct × 0.50',
  );
});

test('text of the log cannot become Markdown', () => {
  expect(section('## Attempts that did not succeed')).toContain('loss is \\*not\\* a number \\| nan');
});

test('every figure is linked, and every link has its figure', () => {
  const linked = [...report.markdown.matchAll(/\]\(experiment_results\/([^)]*)\)/g)].map((match) => match[1]);
  expect(new Set(linked)).toEqual(new Set(report.figures.keys()));
  expect(report.figures.size).toBe(5);
});

test('a table row has as many cells as its head', () => {
  const width = (line: string): number => line.replaceAll('\\|', '').split('|').length;
  for (const table of report.markdown.split('\n\n').filter((block) => block.startsWith('|'))) {
    expect(new Set(table.split('\n').map(width)).size).toBe(1);
  }
});

test('a study without any result is a report that says so', async () => {
  const bare = {
    ...sampleExperiment('6K', 'threshold_1pct', 1),
    source: {at: 'missing'},
    trials: [],
    seeds: [{seed: 42, training: {at: 'missing'}}],
  } as const;
  const input: ReportInput = {
    ...sampleInput(),
    phases: [{name: 'phase6a', title: 'Parameter scaling', experiments: [bare]}],
    log: {rows: [], problems: []},
  };
  const {markdown, figures} = await renderReport(input, template);
  expect(markdown).toContain('Generated: no result yet');
  expect(markdown).toContain('| 6K | *missing* |');
  expect(markdown).not.toMatch(/NaN|undefined|Infinity/);
  expect(figures.size).toBe(0);
});

test('nothing in the report is a number that does not exist', () => {
  expect(report.markdown).not.toMatch(/NaN|undefined|Infinity|\[object|null/);
});
