// Made-up records of a small study, whole enough for a report: four budgets, three tasks (one borrowed), two horizons, three seeds.
import type {Identity} from '../../src/config/study.ts';
import type {LogRow} from '../../src/results/log.ts';
import type {BestParamsRecord, MetricsRecord, Provenance, SplitMetrics, TrialRecord} from '../../src/results/records.ts';
import type {ReportExperiment, ReportInput} from '../../src/results/report-input.ts';
import {normals, uniforms} from './random.ts';

const budgets = {'6K': 6_000, '24K': 24_000, '80K': 80_000, '310K': 310_000} as const;
const baseRates: Readonly<Record<string, number>> = {threshold_1pct: 0.28, threshold_2pct: 0.09, threshold_3pct: 0.035};

export function trialsOf(count: number, seed: number): TrialRecord[] {
  const uniform = uniforms(seed + 100);
  return Array.from({length: count}, (_, trial) => ({
    schema_version: 1,
    trial,
    state: uniform() < 0.25 ? 'pruned' : 'complete',
    value: 0.32 + 0.01 * seed + 0.15 * uniform() ** 3,
    params: {d_model: 64},
    param_count: 2_000_000,
    epoch: 7,
    epochs: [],
    seconds: 26,
    reason: null,
    cached: false,
  }));
}

export function sampleInput(): ReportInput {
  const experiments = [1, 3].flatMap((horizon) =>
    Object.keys(budgets).flatMap((budget) => Object.keys(baseRates).map((task) => sampleExperiment(budget, task, horizon))),
  );
  return {
    title: 'Scaling of PatchTST on daily prices',
    project: 'financial_ts_scaling',
    generatedFrom: {key: '4f'.repeat(32), commit: '0123abc'},
    figureDirectory: 'experiment_results',
    phases: [
      {name: 'phase6a', title: 'Parameter scaling', experiments: experiments.map(spoil)},
      {
        name: 'feature_scaling',
        title: 'Feature scaling',
        experiments: ['a20', 'a100'].map((tier) => sampleExperiment('6K', 'threshold_1pct', 1, tier)),
      },
    ],
    log: {rows: experiments.flatMap(sampleRows), problems: [{line: 7, message: 'the row is cut off'}]},
  };
}

export function sampleExperiment(budget: string, task: string, horizon: number, tier = 'a20'): ReportExperiment {
  const phase = tier === 'a20' ? 'phase6a' : 'feature_scaling';
  const identity: Identity = {
    experiment: `${phase}_${budget}_h${horizon}_${task}`,
    phase,
    budget,
    task,
    horizon,
    timescale: 'daily',
    tier,
    data: 'sp500',
  };
  const params = Object.entries(budgets).find(([name]) => name === budget)?.[1] ?? 6_000;
  const noise = normals(params + 7 * horizon + task.length + Number(task.at(10)));
  const size = Math.round(params * (1 + 0.05 * noise()));
  const entropy = entropyOf(baseRates[task] ?? 0.1);
  const alpha = horizon === 1 ? 0.02 : 0;
  const lossOf = (): number => entropy * 0.97 * (size / 6_000) ** -alpha * Math.exp(0.006 * noise());
  const borrowed = task === 'threshold_2pct';
  const neighbours = ['threshold_1pct', 'threshold_3pct'].map((other) => identity.experiment.replace(task, other));
  return {
    name: identity.experiment,
    identity,
    dims: new Map([
      ['budget', budget],
      ['task', task],
      ['horizon', String(horizon)],
      ['tier', tier],
    ]),
    budget: {params, tolerance: 0.25},
    planned: borrowed
      ? {kind: 'borrow', method: 'interpolate', from: neighbours.map((experiment) => ({experiment, weight: 0.5}))}
      : {kind: 'study', goal: 'minimize', metric: 'val_loss'},
    source: {at: 'current', record: sampleParams(identity, size, borrowed ? neighbours : [])},
    trials: borrowed ? [] : trialsOf(50, Object.keys(budgets).indexOf(budget)),
    seeds: [42, 43, 44].map((seed) => ({seed, training: {at: 'current', record: sampleMetrics(identity, {seed, size, loss: lossOf()})}})),
  };
}

// A few of each kind that a report must not show as results.
function spoil(experiment: ReportExperiment): ReportExperiment {
  const [first, second, third] = experiment.seeds;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three seeds');
  switch (experiment.name) {
    case 'phase6a_6K_h3_threshold_3pct':
      return {
        ...experiment,
        source: {at: 'stale', reason: 'd_model changed: 64 -> 128'},
        trials: [],
        seeds: experiment.seeds.map(({seed}) => ({seed, training: {at: 'stale', reason: 'its parameters are stale'}})),
      };
    case 'phase6a_24K_h3_threshold_3pct':
      return {
        ...experiment,
        seeds: [
          first,
          {seed: 43, training: {at: 'failed', reason: 'diverged at epoch 4 | loss = nan'}},
          {seed: 44, training: {at: 'missing'}},
        ],
      };
    case 'phase6a_80K_h3_threshold_3pct':
      return {
        ...experiment,
        seeds: experiment.seeds.map(({seed}) => ({seed, training: {at: 'invalid', reason: 'labels were made from Close'}})),
      };
    case 'phase6a_310K_h3_threshold_3pct':
      return {
        ...experiment,
        source: {at: 'refused', reason: 'validation holds 7 positives of at least 10'},
        trials: [],
        seeds: experiment.seeds.map(({seed}) => ({seed, training: {at: 'missing'}})),
      };
    case 'phase6a_310K_h3_threshold_1pct':
      return {...experiment, source: cut(experiment), trials: experiment.trials.slice(0, 31)};
    case 'phase6a_80K_h1_threshold_3pct':
      return {...experiment, seeds: [{seed: 42, training: constant(first.training)}, second, third]};
    default:
      return experiment;
  }
}

function cut({source}: ReportExperiment): ReportExperiment['source'] {
  if (source.at !== 'current') return source;
  return {
    at: 'current',
    record: {...source.record, status: 'partial', trials: {expected: 50, ended: 31, complete: 24, pruned: 7, failed: 0}},
  };
}

function constant(training: ReportExperiment['seeds'][number]['training']): ReportExperiment['seeds'][number]['training'] {
  if (training.at !== 'current') return training;
  const {record} = training;
  return {
    at: 'current',
    record: {...record, val: {...record.val, prediction_std: 0.0004, auc: null, loss: record.val.base_rate_entropy * 1.01}},
  };
}

export function sampleMetrics(identity: Identity, {seed, size, loss}: {seed: number; size: number; loss: number}): MetricsRecord {
  const params = {d_model: 64, n_layers: 4, n_heads: 8, ff_ratio: 4, dropout: 0.21374, learning_rate: 0.00043211, loss: 'bce'};
  return {
    schema_version: 1,
    kind: 'metrics',
    key: 'ab'.repeat(32),
    identity,
    status: 'complete',
    seed,
    params,
    epoch_policy: 'best',
    best_epoch: 7,
    epochs_run: 50,
    train_loss: loss * 0.9,
    val: splitOf(identity.task, loss),
    test: splitOf(identity.task, loss * 1.05),
    param_count: size,
    samples: sampleCounts,
    record: {},
    hpo: {path: `outputs/hpo/${identity.experiment}/best_params.json`, key: 'cd'.repeat(32), status: 'complete', borrowed_from: []},
    duration_seconds: 120,
    provenance: provenanceAt(`2026-11-0${1 + (seed % 3)}T10:00:00Z`),
  };
}

function sampleParams(identity: Identity, size: number, neighbours: readonly string[]): BestParamsRecord {
  const borrowed = neighbours.length > 0;
  return {
    schema_version: 1,
    kind: 'best_params',
    key: 'cd'.repeat(32),
    identity,
    status: 'complete',
    method: borrowed ? 'borrow:interpolate' : 'hpo',
    params: {d_model: 64, n_layers: 4, n_heads: 8, ff_ratio: 4, dropout: 0.21374, learning_rate: 0.00043211},
    metric: 'val_loss',
    value: borrowed ? null : 0.5612,
    epoch: borrowed ? null : 9,
    trial: borrowed ? null : 31,
    trials: borrowed ? null : {expected: 50, ended: 50, complete: 38, pruned: 10, failed: 2},
    param_count: borrowed ? null : size,
    samples: borrowed ? null : sampleCounts,
    record: {},
    sources: neighbours.map((experiment) => ({experiment, key: null, path: `outputs/hpo/${experiment}/best_params.json`, weight: 0.5})),
    duration_seconds: 1300,
    provenance: provenanceAt('2026-11-01T08:00:00Z'),
  };
}

const sampleCounts = {
  train: {windows: 2400, positives: 600},
  val: {windows: 620, positives: 160},
  test: {windows: 610, positives: 150},
};

function splitOf(task: string, loss: number): SplitMetrics {
  const rate = baseRates[task] ?? 0.1;
  return {
    loss,
    auc: 0.5812,
    accuracy: 1 - rate,
    precision: null,
    recall: 0,
    base_rate: rate,
    base_rate_entropy: entropyOf(rate),
    prediction_mean: rate,
    prediction_std: 0.051,
    windows: 620,
    positives: Math.round(620 * rate),
  };
}

function provenanceAt(created: string): Provenance {
  return {
    data: {path: 'data/processed/v1/sp500.parquet', md5: '', sha256: '', rows: 4779},
    code: {},
    script: null,
    environment: {python: '3.11.7', packages: {}},
    device: 'cpu',
    threads: 1,
    git_commit: '0123abc',
    git_dirty: false,
    created,
  };
}

function entropyOf(rate: number): number {
  return -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate);
}

export function sampleRow(experiment: ReportExperiment, over: Partial<LogRow> = {}): LogRow {
  const {identity} = experiment;
  return {
    timestamp: '2026-11-01T08:00:00Z',
    experiment: experiment.name,
    phase: identity.phase,
    budget: identity.budget,
    task: identity.task,
    horizon: identity.horizon,
    timescale: 'daily',
    script_path: `experiments/${identity.phase}/hpo.py`,
    run_type: 'hpo',
    status: 'success',
    duration_seconds: 1300,
    val_loss: 0.56,
    test_accuracy: null,
    hyperparameters: null,
    error_message: null,
    thermal_max_temp: null,
    data_md5: null,
    reason: null,
    key: null,
    attempt: 1,
    param_count: null,
    val_windows: null,
    seed: 42,
    git_commit: null,
    thermal_state: 'unknown',
    ...over,
  };
}

function sampleRows(experiment: ReportExperiment): LogRow[] {
  const failed = experiment.name === 'phase6a_24K_h3_threshold_3pct';
  return [
    sampleRow(experiment),
    sampleRow(experiment, {run_type: 'training', duration_seconds: 120, timestamp: '2026-11-02T08:00:00Z'}),
    ...(failed
      ? [
          sampleRow(experiment, {
            run_type: 'training',
            status: 'failed',
            seed: 43,
            reason: 'diverged',
            error_message: 'loss is *not*\na number | nan',
            timestamp: '2026-11-03T08:00:00Z',
          }),
        ]
      : []),
  ];
}
