// Composes the log's row of one attempt out of the node, how it ended and what the job said. Writes it as one append.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import type {ProjectPath} from '../base/ids.ts';
import type {JobWork} from '../graph/node.ts';
import type {Instant} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import type {LogRow, RunStatus} from '../results/log.ts';
import type {RenewedLog} from './renew-log.ts';
import type {Session} from './session.ts';
import type {ThermalRecord} from './supervise.ts';

/** What is known when the attempt begins: kept in the journal, in case the engine dies. */
export function openRow(
  work: JobWork,
  known: {
    readonly at: Instant;
    readonly attempt: number;
    readonly key: string;
    readonly dataMd5: string | null;
    readonly commit: string | null;
  },
): JsonObject | null {
  if (work.identity === undefined || work.rule === 'data') return null;
  const {experiment, phase, budget, task, horizon, timescale} = work.identity;
  return {
    timestamp: new Date(known.at).toISOString(),
    experiment,
    phase,
    budget,
    task,
    horizon,
    timescale,
    script_path: work.target.kind === 'script' ? work.target.path : '',
    run_type: work.rule,
    data_md5: known.dataMd5,
    key: known.key,
    attempt: known.attempt,
    seed: work.seed ?? (typeof work.record['seed'] === 'number' ? work.record['seed'] : null),
    git_commit: known.commit,
  };
}

export interface RowEnding {
  readonly status: RunStatus;
  readonly durationMs: number | null;
  readonly reason: string | null;
  readonly message: string | null;
  /** The job's last word, if it said one. */
  readonly result: JsonObject;
  /** What the sensor said while it ran; undefined where nobody knows any more. */
  readonly thermal: Pick<ThermalRecord, 'maxCelsius' | 'state'> | undefined;
}

export function closeRow(open: JsonObject, ending: RowEnding): LogRow {
  const {result, thermal} = ending;
  return {
    timestamp: text(open['timestamp']) ?? '',
    experiment: text(open['experiment']) ?? '',
    phase: text(open['phase']) ?? '',
    budget: text(open['budget']) ?? '',
    task: text(open['task']) ?? '',
    horizon: number(open['horizon']),
    timescale: text(open['timescale']) ?? '',
    script_path: text(open['script_path']) ?? '',
    run_type: open['run_type'] === 'hpo' ? 'hpo' : 'training',
    status: ending.status,
    duration_seconds: ending.durationMs === null ? null : Math.round(ending.durationMs) / 1000,
    val_loss: number(result['val_loss']),
    test_accuracy: number(result['test_accuracy']),
    hyperparameters: isJsonObject(result['hyperparameters']) ? result['hyperparameters'] : null,
    error_message: ending.message,
    thermal_max_temp: thermal?.maxCelsius ?? null,
    data_md5: text(open['data_md5']),
    reason: ending.reason,
    key: text(open['key']),
    attempt: number(open['attempt']),
    param_count: number(result['param_count']),
    val_windows: number(result['val_windows']),
    seed: number(open['seed']),
    git_commit: text(open['git_commit']),
    thermal_state: thermal?.state ?? 'unknown',
  };
}

/** Says what became of a file under another header than today's. */
export async function appendRow({disk, clock}: Session, row: LogRow, path: ProjectPath): Promise<RenewedLog | undefined> {
  const {formatRow} = await import('../results/log.ts');
  const {beginLog} = await import('./renew-log.ts');
  const renewed = beginLog(disk, clock, path);
  appendLine(disk, path, formatRow(row));
  return renewed;
}

/** With its line end. A line torn by a crash or a full disk does not swallow this one. */
export function appendLine(disk: Disk, path: string, line: string): void {
  const present = disk.readText(path) ?? '';
  const lineEnd = present === '' || present.endsWith('\n') ? '' : '\n';
  disk.append(path, `${lineEnd}${line}`);
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
