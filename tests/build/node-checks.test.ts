// Checks after a node: what fails one is no result, whatever the exit status said; it is kept for inspection, and never used.
import {expect, test} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import type {JsonObject} from '../../src/base/json.ts';
import {openConditions} from '../../src/build/conditions.ts';
import type {Check} from '../../src/config/study.ts';
import {Bench, type Built} from '../support/bench.ts';
import {sampleBestParams} from '../support/samples.ts';

const span = {file: 'experiments.yaml', offset: 0, length: 0, line: 1, column: 1};
const output = 'outputs/training/x/seed42/metrics.json';

const metrics = {loss: 0.6, auc: 0.6, accuracy: 0.7, precision: 0.5, recall: 0.4, base_rate: 0.3, base_rate_entropy: 0.61};
const spread = {prediction_mean: 0.3, prediction_std: 0.05, windows: 360, positives: 90};

function resultOf(key: string, val: JsonObject, change: JsonObject): JsonObject {
  const {schema_version, identity, samples, record, provenance, duration_seconds, param_count} = sampleBestParams(key);
  const params = {
    ...{d_model: 8, n_layers: 1, n_heads: 2, ff_ratio: 2, dropout: 0, head_dropout: 0, learning_rate: 0.001, weight_decay: 0, warmup: 0},
    ...{batch_size: 8, epochs: 2, patience: 0, grad_clip: 1, loss: 'bce'},
  };
  const common = {schema_version, identity, samples, record, provenance, duration_seconds, param_count} as unknown as JsonObject;
  const own = {
    kind: 'metrics',
    key,
    status: 'complete',
    seed: 42,
    params,
    epoch_policy: 'best',
    best_epoch: 1,
    epochs_run: 2,
    train_loss: 0.5,
  };
  const hpo = {path: 'outputs/hpo/x/best_params.json', key: null, status: 'complete', borrowed_from: []};
  return {...common, ...own, hpo, val: {...metrics, ...spread, ...val}, test: {...metrics, ...spread}, ...change};
}

interface Case {
  readonly checks: readonly Omit<Check, 'span'>[];
  readonly val?: JsonObject;
  readonly change?: JsonObject;
}

async function trained({checks, val = {}, change = {}}: Case): Promise<{bench: Bench; built: Built}> {
  const job = {
    rule: 'training' as const,
    output: projectPath('outputs/training/x/seed42'),
    logFile: projectPath('outputs/training/x/seed42/train.log'),
  };
  const bench = new Bench([
    {out: output, pool: 'cpu', job: {...job, checks: checks.map((check) => ({...check, span}))}},
    {out: 'summary', in: [output]},
  ]);
  bench.jobs.set(output, () => {
    const folder = bench.disk.list('.ftsbuild/jobs');
    const path = `.ftsbuild/jobs/${folder === 'missing' ? '' : (folder[0] ?? '')}/job.json`;
    const {key} = JSON.parse(bench.disk.readText(path) ?? '{}') as {key: string};
    return {
      progress: [{event: 'result', status: 'success', reason: null, message: null, val_loss: 0.6}],
      ending: {how: 'exited', status: 0},
      files: {[output]: JSON.stringify(resultOf(key, val, change))},
    };
  });
  return {bench, built: await bench.build()};
}

function checking(expression: string, severity: Check['severity'] = 'fail'): readonly Omit<Check, 'span'>[] {
  return [{expression, severity}];
}

test('checks that hold leave a result that is used', async () => {
  const {built} = await trained({checks: [...checking('prediction_std > 0.01'), ...checking('val_loss < base_rate_entropy')]});
  expect(built.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  expect(built.outcomes.get('summary')).toEqual({at: 'done', how: 'ran'});
});

test('a check that fails makes the node fail, keeps its outputs aside, and nothing uses them', async () => {
  const {bench, built} = await trained({checks: checking('val_loss < 0.5')});
  expect(built.outcomes.get(output)).toMatchObject({
    at: 'failed',
    status: 'failed',
    reason: 'check',
    message: 'the check `val_loss < 0.5` does not hold (val_loss = 0.6)',
  });
  expect(built.outcomes.get('summary')).toMatchObject({at: 'blocked'});
  const kept = built.events.find((event) => event.type === 'node_kept');
  expect(kept?.movedTo).toMatch(/^\.ftsbuild\/cache\//);
  expect(bench.disk.readText(output)).toBeUndefined();
  expect(bench.disk.readText(`${kept?.movedTo ?? ''}/metrics.json`)).toContain('"loss":0.6');
  expect(bench.plan()[output]).not.toBe('be_restored');
});

test('constant predictions and numbers that do not exist fail what speaks of them', async () => {
  for (const [expression, val] of [
    ['prediction_std > 0.0001', {prediction_std: 0}],
    ['val_loss < 10.0', {loss: null}],
    ['auc > 0.1', {auc: null}],
    ['val_loss < base_rate_entropy', {base_rate_entropy: null}],
  ] as const) {
    const {built} = await trained({checks: checking(expression), val});
    expect(built.outcomes.get(output), expression).toMatchObject({at: 'failed', reason: 'check'});
  }
});

test('a check that cannot be evaluated fails its node with the reason, and the build goes on', async () => {
  const {built} = await trained({checks: checking('10 / int(val_loss) > 5')});
  const message = 'the check `10 / int(val_loss) > 5` does not hold (it could not be evaluated: division by zero; val_loss = 0.6)';
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', reason: 'check', message});
  expect(built.outcomes.get('summary')).toMatchObject({at: 'blocked'});
  const {built: warned} = await trained({checks: checking('10 / int(val_loss) > 5', 'warn')});
  expect(warned.outcomes.get('summary')).toEqual({at: 'done', how: 'ran'});
});

test('a result without a value that it must have is broken, with or without checks', async () => {
  const {built} = await trained({checks: [], change: {val: {loss: 0.5}}});
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', reason: 'check', message: expect.stringContaining('prediction_std')});
});

test('a warning is said, and the result stands', async () => {
  const {built} = await trained({checks: checking('val_loss < 0.5', 'warn')});
  expect(built.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  const warned = built.events.flatMap((event) => (event.type === 'node_warned' ? [event.diagnostic.message] : []));
  expect(warned).toEqual(['the check `val_loss < 0.5` does not hold (val_loss = 0.6)']);
});

test('every check that fails is said, not only the first', async () => {
  const {built} = await trained({checks: [...checking('val_loss < 0.5'), ...checking('auc > 0.9')]});
  expect(built.outcomes.get(output)).toMatchObject({message: expect.stringMatching(/val_loss < 0\.5.*auc > 0\.9/)});
});

test('a check of what this kind of result never has does not apply', async () => {
  const {built} = await trained({checks: checking('trials.complete > 3.0')});
  expect(built.outcomes.get(output)).toMatchObject({at: 'done'});
});

test('a condition that does not end is not waited for with every result', async () => {
  const conditions = openConditions();
  await conditions.load();
  const endless = `"${'a'.repeat(60)}b".matches("^(a+)+$") && val_loss > 0`;
  const details = [1, 2, 3, 4, 5, 6].map((loss) => conditions.evaluate(endless, {val_loss: loss}));
  expect(details.map((outcome) => outcome?.holds)).toEqual([false, false, false, false, false, false]);
  expect(details.map((outcome) => outcome?.isEndless === true)).toEqual([true, true, true, false, false, false]);
});
