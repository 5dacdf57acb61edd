// Data counts by the columns that are read: real studies of two tiers in memory, judged by the real engine.
import {expect, test} from 'vitest';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {StudyBench} from '../support/study-bench.ts';

const text = `version: 1
python: {interpreter: /usr/bin/python3}
data:
  prices: {builder: {source: arch.sp500, tiers: [a20, a100]}}
budgets: {2M: {params: 2M}}
tasks:
  up1: {kind: threshold, pct: 1}
phases:
  one:
    matrix: {budget: [2M], task: [up1], horizon: [1], tier: [a20, a100]}
    name: "{phase}_{budget}_h{horizon}_{task}_{tier}"
    hpo: {trials: 5, search: {architecture: {d_model: [128, 192, 256], n_layers: [2, 4, 6, 8], n_heads: [8], ff_ratio: [2, 4]}}}
    training: {seeds: [42]}
`;

const bench = await builtBench();

async function builtBench(): Promise<StudyBench> {
  const clock = handClock();
  const made = new StudyBench({disk: memoryDisk({}, clock), clock, packageRoot: '/package'}, 'configs/quickstart.yaml');
  made.site.disk.write(made.file, text);
  await made.build();
  return made;
}

/** Searches and trainings that are stale of themselves. */
function stale(): readonly string[] {
  const entries = [...bench.stale()].filter(([, {will}]) => will === 'run').map(([label]) => label);
  return entries.filter((label) => /^(hpo|training) /.test(label));
}

/** Columns that an experiment of this tier reads. */
function featuresOf(tier: string): readonly string[] {
  const experiment = bench.session().study.experiments.find(({name}) => name.endsWith(tier));
  return experiment?.training.record.get('features')?.value as readonly string[];
}

function write(columns: Readonly<Record<string, string>>, extra: readonly string[] = []): void {
  bench.columns.clear();
  for (const [name, contents] of Object.entries(columns)) bench.columns.set(name, contents);
  bench.extraColumns.splice(0, Infinity, ...extra);
  const session = bench.session();
  bench.writeData(session, session.study.data[0]!.path);
}

test('a new column makes nothing stale', () => {
  write({}, ['a_new_indicator']);
  expect(stale()).toEqual([]);
});

test('a changed column makes stale what reads it, and nothing else', () => {
  const [small, large] = [featuresOf('a20'), featuresOf('a100')];
  const further = large.find((name) => !small.includes(name))!;
  write({[further]: '2'});
  expect(stale()).toEqual(['hpo one_2M_h1_up1_a100', expect.stringMatching(/^training one_2M_h1_up1_a100/)]);
  write({[small[0]!]: '2'});
  expect(stale()).toHaveLength(4);
  write({});
  expect(stale()).toEqual([]);
});
