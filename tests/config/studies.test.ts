// The studies that come with the program, expanded with the counts that their comments promise.
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';

import {checkExpressions} from '../../src/config/expression.ts';
import {loadStudy} from '../../src/config/load.ts';
import type {Loaded} from '../../src/config/load.ts';
import {countWindows} from '../../src/config/split.ts';
import {get, recordOf, shown, tiers} from './texts.ts';

const disk = {readText: (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')};

function loaded(file: string, profile?: string): Loaded {
  const result = loadStudy(disk, {file, tiers, cores: 2, ...(profile !== undefined && {profile})});
  if (!result.ok) throw new Error(result.error.map(shown).join('\n'));
  return result.value;
}

test('the real study has 36 studies and 12 borrows, and four studies of growing features', () => {
  const {study, warnings} = loaded('experiments.yaml');
  expect(warnings).toEqual([]);
  const kinds = (phase: string): readonly string[] => study.experiments.filter((one) => one.phase === phase).map((one) => one.source.kind);
  expect(kinds('phase6a')).toHaveLength(48);
  expect(kinds('phase6a').filter((kind) => kind === 'study')).toHaveLength(36);
  expect(kinds('feature_scaling')).toEqual(['study', 'study', 'study', 'study']);
  expect(study.experiments.flatMap((one) => one.training.seeds)).toHaveLength(52 * 3);
  expect(checkExpressions(study)).toEqual([]);
});

test('its searches have the known numbers of architectures', () => {
  const {study} = loaded('experiments.yaml');
  const configurations = (name: string): number | undefined => {
    const {source} = get(study, name);
    return source.kind === 'study' ? source.searchSummary.configurations : undefined;
  };
  expect(['2M', '20M', '200M', '2B'].map((budget) => configurations(`phase6a_${budget}_h3_threshold_5pct`))).toEqual([80, 75, 125, 75]);
  expect(['a20', 'a100', 'a250', 'a500'].map((tier) => configurations(`feature_scaling_2M_h1_threshold_1pct_${tier}`))).toEqual([
    80, 65, 70, 70,
  ]);
});

test('the a20 point of feature scaling is an experiment of phase6a: the same record', () => {
  const {study} = loaded('experiments.yaml');
  const values = (name: string): unknown => [...recordOf(get(study, name))].map(([key, {value}]) => [key, value]);
  expect(values('feature_scaling_2M_h1_threshold_1pct_a20')).toEqual(values('phase6a_2M_h1_threshold_1pct'));
});

test('its smoke profile runs four experiments once, apart from the real outputs', () => {
  const {study, warnings} = loaded('experiments.yaml', 'smoke');
  expect(warnings).toEqual([]);
  expect(study.experiments.map((one) => `${one.name} ${one.source.kind}`)).toEqual([
    'phase6a_2M_h5_threshold_1pct study',
    'phase6a_2M_h5_threshold_2pct borrow',
    'phase6a_2M_h5_threshold_3pct study',
    'phase6a_2M_h5_threshold_5pct study',
  ]);
  const record = recordOf(get(study, 'phase6a_2M_h5_threshold_1pct'));
  expect(record.get('epochs')).toMatchObject({value: 1, from: 'profile smoke'});
  expect(record.get('search')?.value).not.toHaveProperty('epochs');
  expect(study.experiments.flatMap((one) => one.training.seeds)).toEqual([42, 42, 42, 42]);
  expect(study.paths).toMatchObject({
    outputs: 'outputs/smoke',
    scripts: 'outputs/smoke/experiments',
    log: 'outputs/smoke/docs/experiment_results.csv',
  });
  expect(study.data[0]).toMatchObject({path: 'outputs/smoke/data/processed/v1/sp500.parquet', keepRows: 800});
  const split = {mode: 'scattered', block: 100, validation: 0.15, test: 0.15, embargo: 0, minWindows: 20} as const;
  expect(countWindows(split, {rows: 800, context: 60, horizon: 5})).toEqual({val: 36, test: 36, blocks: 8});
});

test('the quickstart has twelve experiments of four sizes, each with something to search', () => {
  const {study, warnings} = loaded('configs/quickstart.yaml');
  expect(warnings).toEqual([]);
  expect(study.experiments).toHaveLength(12);
  const studies = study.experiments.flatMap((one) => (one.source.kind === 'study' ? [one.source.searchSummary.shapes] : []));
  expect(studies).toEqual([5, 5, 5, 5, 6, 6, 2, 2]);
  expect(study.paths).toEqual({
    scripts: 'outputs/quickstart/experiments',
    outputs: 'outputs/quickstart',
    log: 'outputs/quickstart/docs/experiment_results.csv',
    report: 'outputs/quickstart/docs/experiment_results.md',
    docs: 'outputs/quickstart/docs',
    manifest: 'outputs/quickstart/data/manifest.json',
  });
  expect(study.data[0]?.path).toBe('outputs/quickstart/data/processed/v1/sp500.parquet');
  expect(
    countWindows(
      {mode: 'scattered', block: 180, validation: 0.15, test: 0.15, embargo: 0, minWindows: 300},
      {rows: 4779, context: 60, horizon: 5},
    ),
  ).toMatchObject({val: 348, test: 348});
  expect(checkExpressions(study)).toEqual([]);
});
