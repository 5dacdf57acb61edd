// Which studies share results of trials: those whose trials give the same numbers, whatever else differs between them.
import {readdirSync} from 'node:fs';
import {expect, test} from 'vitest';
import {trialContextOf} from '../../src/build/trial-cache.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {keyOf, manifestOf} from '../../src/state/manifest.ts';
import {openWorld} from '../../src/state/world.ts';
import {changed} from '../support/command-line.ts';
import {nodeOf, repositoryText, studyFromText} from '../support/studies.ts';

const text = `version: 1
python: {interpreter: /usr/bin/python3}
data:
  prices: {builder: {source: arch.sp500, tiers: [a20, a100]}}
budgets: {2M: {params: 2M}, 20M: {params: 20M}}
tasks:
  up1: {kind: threshold, pct: 1}
  up2: {kind: threshold, pct: 2}
phases:
  one:
    matrix: {budget: [2M], task: [up1], horizon: [1]}
    tier: a20
    hpo:
      trials: 5
      search:
        architecture: {d_model: [128, 192, 256], n_layers: [2, 4, 6, 8], n_heads: [8], ff_ratio: [2, 4]}
        dropout: {uniform: [0.1, 0.3]}
`;

const searchPath = 'outputs/hpo/one_2M_h1_up1/best_params.json';

interface Asked {
  readonly context: string;
  readonly key: string;
}

function ask(study: string, change: {readonly path?: string; readonly from?: string; readonly to?: string} = {}): Asked {
  const loaded = studyFromText(study);
  const node = loaded.graph.nodes.find(({rule}) => rule === 'hpo') ?? nodeOf(loaded, searchPath);
  const files = Object.fromEntries(
    readdirSync('python/fts', {recursive: true, encoding: 'utf8'})
      .filter((name) => name.endsWith('.py'))
      .map((name) => [`/package/fts/${name}`, repositoryText(`python/fts/${name}`)]),
  );
  const {path, from, to} = change;
  if (path !== undefined && from !== undefined && to !== undefined) files[path] = changed(files[path] ?? '', from, to);
  const disk = memoryDisk(files, handClock());
  for (const script of loaded.graph.nodes.filter(({rule}) => rule === 'script')) disk.write(script.outputs[0]?.path ?? '', 'run()\n');
  const digests = openDigests(disk, handClock(), '.ftsbuild/digests');
  const world = openWorld({disk, digests, packageRoot: '/package', dataManifest: 'data/manifest.json'});
  const manifest = manifestOf(node, world);
  return {context: trialContextOf({world}, manifest), key: keyOf(manifest)};
}

const here = ask(text);

type Edit = readonly [from: string, to: string];

test.each<readonly [string, readonly Edit[]]>([
  ['the names of phase and experiment', [['one:', 'another:']]],
  [
    'the space, and what is searched or fixed',
    [['dropout: {uniform: [0.1, 0.3]}', 'learning_rate: {log: [1.0e-4, 1.0e-3]}\n    dropout: 0.2']],
  ],
  [
    'the architectures and the budget',
    [
      ['budget: [2M]', 'budget: [20M]'],
      ['d_model: [128, 192, 256]', 'd_model: [384, 512, 640]'],
    ],
  ],
  ['trials tried first', [['trials: 5', 'trials: 5\n      forced: [{dropout: 0.2}]']]],
  ['the pruner', [['trials: 5', 'trials: 5\n      pruner: none']]],
  ['random trials before the sampler', [['trials: 5', 'trials: 5\n      startup_trials: 2']]],
  ['the metric that is best', [['trials: 5', 'trials: 5\n      objective: {metric: val_auc}']]],
  ['the recipe, which the trial itself brings along', [['trials: 5', 'trials: 5\n      epochs: 3']]],
])('studies share results that differ in %s', (_, edits) => {
  const study = edits.reduce<string>((before, [from, to]) => changed(before, from, to), text);
  expect(ask(study).context).toBe(here.context);
});

test.each([
  ['the seed', 'trials: 5', 'trials: 5\n      seed: 43'],
  ['the share of windows that a trial sees', 'trials: 5', 'trials: 5\n      subset: 0.5'],
  ['the threads', 'tier: a20', 'tier: a20\n    threads: 2'],
  ['the precision', 'tier: a20', 'tier: a20\n    precision: float32'],
  ['the window', 'tier: a20', 'tier: a20\n    context: 80'],
  ['the patch', 'tier: a20', 'tier: a20\n    patch: {length: 5}'],
  ['the split', 'tier: a20', 'tier: a20\n    split: {block: 200}'],
  ['the label', 'task: [up1]', 'task: [up2]'],
  ['the horizon', 'horizon: [1]', 'horizon: [2]'],
  ['the columns', 'tier: a20', 'tier: a100'],
])('studies share nothing that differ in %s', (_, from, to) => {
  expect(ask(changed(text, from, to)).context).not.toBe(here.context);
});

test.each([
  ['how a model trains', '/package/fts/optimisation.py', 'ADAM_EPSILON = 1e-8', 'ADAM_EPSILON = 1e-7', false],
  ['a module below it', '/package/fts/evaluation.py', 'import numpy as np', 'import math\nimport numpy as np', false],
  ['which windows a trial sees', '/package/fts/trial.py', 'record["subset"], record["seed"]', 'record["subset"], 1', false],
  ['a comment', '/package/fts/optimisation.py', 'ADAM_EPSILON = 1e-8', 'ADAM_EPSILON = 1e-8  # as usual', true],
  ['how configurations are drawn', '/package/fts/sampling.py', 'CANDIDATES = 24', 'CANDIDATES = 32', true],
])('of the code, %s counts only where it decides numbers', (_, path, from, to, shared) => {
  const asked = ask(text, {path, from, to});
  expect(asked.context === here.context).toBe(shared);
});

test('how configurations are drawn is in the key of a study all the same', () => {
  const asked = ask(text, {path: '/package/fts/sampling.py', from: 'CANDIDATES = 24', to: 'CANDIDATES = 32'});
  expect(asked.key).not.toBe(here.key);
});
