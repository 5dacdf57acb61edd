// The experiment log: one CSV row per attempt of a study or a training (docs/design.md section 7). Formats text, touches no file.
import {stringify} from 'csv-stringify/sync';
import type {JsonObject} from '../base/json.ts';

/** In the order of the file. New columns go to the end: an older file lacks the last ones. */
export const logColumns = [
  'timestamp',
  'experiment',
  'phase',
  'budget',
  'task',
  'horizon',
  'timescale',
  'script_path',
  'run_type',
  'status',
  'duration_seconds',
  'val_loss',
  'test_accuracy',
  'hyperparameters',
  'error_message',
  'thermal_max_temp',
  'data_md5',
  'reason',
  'key',
  'attempt',
  'param_count',
  'val_windows',
  'seed',
  'git_commit',
  'thermal_state',
] as const;

export const runTypes = ['hpo', 'training'] as const;
export const runStatuses = ['success', 'failed', 'thermal_abort', 'partial', 'interrupted'] as const;
export const thermalStates = ['normal', 'acceptable', 'warning', 'critical', 'unknown'] as const;

export type RunType = (typeof runTypes)[number];
export type RunStatus = (typeof runStatuses)[number];
export type ThermalState = (typeof thermalStates)[number];

/** Fields are called as their columns; null is an empty cell. */
export interface LogRow {
  /** The start of the attempt, ISO 8601, UTC. */
  readonly timestamp: string;
  readonly experiment: string;
  readonly phase: string;
  readonly budget: string;
  readonly task: string;
  readonly horizon: number | null;
  readonly timescale: string;
  /** Relative to the workspace. */
  readonly script_path: string;
  readonly run_type: RunType;
  readonly status: RunStatus;
  readonly duration_seconds: number | null;
  readonly val_loss: number | null;
  readonly test_accuracy: number | null;
  readonly hyperparameters: JsonObject | null;
  readonly error_message: string | null;
  /** Degrees Celsius; null where no sensor answered, and then `thermal_state` is `unknown`. */
  readonly thermal_max_temp: number | null;
  readonly data_md5: string | null;
  readonly reason: string | null;
  /** Null for a run by hand. */
  readonly key: string | null;
  readonly attempt: number | null;
  readonly param_count: number | null;
  readonly val_windows: number | null;
  readonly seed: number | null;
  readonly git_commit: string | null;
  readonly thermal_state: ThermalState;
}

export function formatHeader(): string {
  return stringify([[...logColumns]]);
}

/** One line with its newline, for one append. */
export function formatRow(row: LogRow): string {
  return stringify([logColumns.map((column) => formatCell(row[column]))]);
}

function formatCell(value: LogRow[keyof LogRow]): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
