// Result files as the Python package writes them, for tests that need whole ones.
import type {BestParamsRecord} from '../../src/results/records.ts';

export function sampleBestParams(key: string): BestParamsRecord {
  return {
    schema_version: 1,
    kind: 'best_params',
    key,
    identity: {experiment: 'x', phase: 'p', budget: '2M', task: 't', horizon: 1, timescale: 'daily', tier: 'a20', data: 'd'},
    status: 'complete',
    method: 'hpo',
    params: {learning_rate: 0.001},
    metric: 'val_loss',
    value: 0.5,
    epoch: 2,
    trial: 1,
    trials: {expected: 3, ended: 3, complete: 3, pruned: 0, failed: 0},
    param_count: 100,
    samples: {train: {windows: 3000, positives: 900}, val: {windows: 360, positives: 90}, test: {windows: 360, positives: 80}},
    record: {},
    sources: [],
    duration_seconds: 12,
    provenance: {
      data: {path: 'data/x.parquet', md5: '0'.repeat(32), sha256: '0'.repeat(64), rows: 4779},
      code: {'fts/model.py': '0'.repeat(64)},
      script: {path: 'experiments/x.py', sha256: '0'.repeat(64)},
      environment: {python: '3.11.7', packages: {torch: '2.15.0', optuna: '5.0.0', numpy: '2.4.6', pandas: '3.1.1', pyarrow: '26.0.1'}},
      device: 'cpu',
      threads: 1,
      git_commit: null,
      git_dirty: null,
      created: '2026-01-01T00:00:00Z',
    },
  };
}
