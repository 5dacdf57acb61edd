// How long it takes until results are back, on a real disk, with everything that is judged on the way.
import {randomBytes} from 'node:crypto';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {handClock} from '../../src/host/clock.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {StudyBench} from '../support/study-bench.ts';

const folder = 'outputs/hpo/one_2M_h1_up1';

const text = `version: 1
python: {interpreter: /usr/bin/python3}
data:
  prices: {builder: {source: arch.sp500, tiers: [a20]}}
budgets: {2M: {params: 2M}}
tasks:
  up1: {kind: threshold, pct: 1}
phases:
  one:
    matrix: {budget: [2M], task: [up1], horizon: [1]}
    tier: a20
    hpo: {trials: 50, search: {architecture: {d_model: [128, 192, 256], n_layers: [2, 4, 6, 8], n_heads: [8], ff_ratio: [2, 4]}}}
`;

test('an undone change has a study of 50 trials back well within a second, byte for byte', async () => {
  const root = mkdtempSync(join(tmpdir(), 'ftsbuild-restore-'));
  onTestFinished(() => rmSync(root, {recursive: true}));
  const disk = workspaceDisk(root);
  const bench = new StudyBench({disk, clock: handClock(), packageRoot: join(root, 'package')}, 'experiments.yaml');
  disk.write('experiments.yaml', text);
  await bench.build();
  disk.write(`${folder}/study.db`, randomBytes(1_000_000));
  const names = disk.list(folder);
  if (names === 'missing') throw new Error('the study was not made');
  const bytes = (): unknown => names.map((name) => disk.readBytes(`${folder}/${name}`));
  const before = bytes();
  bench.edit('experiments.yaml', 'trials: 50', 'trials: 50, subset: 0.5');
  expect((await bench.build()).map(({node}) => node.rule)).toContain('hpo');
  expect(bytes()).not.toEqual(before);
  bench.edit('experiments.yaml', 'trials: 50, subset: 0.5', 'trials: 50');
  const begun = performance.now();
  const ran = await bench.build();
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(ran.filter(({node}) => node.rule === 'hpo')).toEqual([]);
  expect(bytes()).toEqual(before);
});
