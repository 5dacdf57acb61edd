// What result files hold (docs/design.md section 7), as they are once their JSON Schema was checked. Types only.
import type {JsonObject} from '../base/json.ts';
import type {BorrowMethod, Identity} from '../config/study.ts';

/** Searched or resolved parameters by name: numbers, and texts such as `focal`. */
export type Params = JsonObject;

/** `outputs/hpo/NAME/best_params.json`, of a study or of a borrow. */
export interface BestParamsRecord {
  readonly schema_version: 1;
  readonly kind: 'best_params';
  readonly key: string | null;
  readonly identity: Identity;
  readonly status: 'complete' | 'partial';
  readonly method: 'hpo' | `borrow:${BorrowMethod}`;
  readonly params: Params;
  readonly metric: 'val_loss' | 'val_auc';
  readonly value: number | null;
  /** Of the best epoch, from 1. */
  readonly epoch: number | null;
  readonly trial: number | null;
  readonly trials: TrialCounts | null;
  readonly param_count: number | null;
  readonly samples: Samples | null;
  readonly record: JsonObject;
  readonly sources: readonly BorrowedFrom[];
  readonly duration_seconds: number;
  readonly provenance: Provenance;
  readonly adopted?: {readonly trials: number | null; readonly reason: string};
}

export interface TrialCounts {
  readonly expected: number;
  readonly ended: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  /** Of those ended, how many cost a lookup only. */
  readonly cached?: number;
}

export interface BorrowedFrom {
  readonly experiment: string;
  readonly key: string | null;
  readonly path: string;
  readonly weight: number;
}

/** A line of `outputs/hpo/NAME/trials.jsonl`. */
export interface TrialRecord {
  readonly schema_version: 1;
  readonly trial: number;
  readonly state: 'complete' | 'pruned' | 'failed';
  readonly value: number | null;
  readonly params: Params;
  readonly param_count: number | null;
  readonly epoch: number | null;
  readonly epochs: readonly EpochValues[];
  readonly seconds: number;
  readonly reason: string | null;
  readonly cached: boolean;
}

export interface EpochValues {
  readonly epoch: number;
  readonly train_loss: number | null;
  readonly val_loss: number | null;
  readonly val_auc: number | null;
}

/** `outputs/training/NAME/seed{n}/metrics.json`. */
export interface MetricsRecord {
  readonly schema_version: 1;
  readonly kind: 'metrics';
  readonly key: string | null;
  readonly identity: Identity;
  readonly status: 'complete';
  readonly seed: number;
  readonly params: Params;
  readonly epoch_policy: 'best';
  readonly best_epoch: number;
  readonly epochs_run: number;
  readonly train_loss: number;
  readonly val: SplitMetrics;
  readonly test: SplitMetrics;
  readonly param_count: number;
  readonly samples: Samples;
  readonly record: JsonObject;
  /** Null where nothing was searched. */
  readonly hpo: {
    readonly path: string;
    readonly key: string | null;
    readonly status: 'complete' | 'partial';
    readonly borrowed_from: readonly string[];
  } | null;
  readonly duration_seconds: number;
  readonly provenance: Provenance;
}

/** Null where the number does not exist: the AUC of one class, the precision without a positive prediction. */
export interface SplitMetrics {
  readonly loss: number;
  readonly auc: number | null;
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly base_rate: number;
  /** Loss of always predicting the base rate, in nats. */
  readonly base_rate_entropy: number;
  readonly prediction_mean: number | null;
  readonly prediction_std: number | null;
  readonly windows: number;
  readonly positives: number;
}

export interface Samples {
  readonly train: SampleCount;
  readonly val: SampleCount;
  readonly test: SampleCount;
}

export interface SampleCount {
  readonly windows: number;
  readonly positives: number;
}

export interface Provenance {
  readonly data: {readonly path: string; readonly md5: string; readonly sha256: string; readonly rows: number} | null;
  /** File of the Python package -> SHA-256 of its bytes. */
  readonly code: Readonly<Record<string, string>>;
  readonly script: {readonly path: string; readonly sha256: string} | null;
  readonly environment: {readonly python: string; readonly packages: Readonly<Record<string, string>>};
  readonly device: string | null;
  readonly threads: number | null;
  readonly git_commit: string | null;
  readonly git_dirty: boolean | null;
  /** ISO 8601, UTC. */
  readonly created: string;
}
