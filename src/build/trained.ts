// What a result says of the trainings behind it: how much work they were, and how long it took. Estimates nothing.
import {findAt, isJsonObject, parseObject, type Json, type JsonObject} from '../base/json.ts';
import type {Trained} from '../state/trace.ts';
import type {Session} from './session.ts';
import {machineOf, patchesOf, stopsOf, windowsAnEpoch} from './workload.ts';

/** Of the result at a path, with the trials beside it. */
export function trainedAt({disk}: Pick<Session, 'disk'>, path: string): Trained | undefined {
  const result = parseObject(disk.readText(path));
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return result === undefined ? undefined : trainedIn(result, disk.readText(`${folder}trials.jsonl`));
}

/** Of a training's metrics, or of a search's best parameters and the lines of its trials; undefined where nothing was trained, or it is not said. */
function trainedIn(result: JsonObject, trials: string | undefined): Trained | undefined {
  const record = result['record'];
  const [train, val] = [numberAt(result, '/samples/train/windows'), numberAt(result, '/samples/val/windows')];
  const runs = result['kind'] === 'metrics' ? [trainingIn(result)] : trialsIn(trials ?? '');
  if (!isJsonObject(record) || train === undefined || val === undefined) return undefined;
  const device = findAt(result, '/provenance/device');
  return trainedBy(runs, {record, windows: windowsAnEpoch({train, val}, record), device: typeof device === 'string' ? device : undefined});
}

export interface Surroundings {
  readonly record: JsonObject;
  readonly windows: number;
  /** What it came to where the record asks for any; undefined where nobody knows. */
  readonly device: string | undefined;
}

interface Run {
  readonly ms: number;
  readonly epochs: number;
  readonly allowed: number | undefined;
  readonly params: number;
}

/** Of a search that has no result yet, by the lines of its trials. */
export function trainedByTrials(lines: string, surroundings: Surroundings): Trained | undefined {
  return trainedBy(trialsIn(lines), surroundings);
}

function trainedBy(found: readonly (Run | undefined)[], {record, windows, device}: Surroundings): Trained | undefined {
  const runs = found.filter((run) => run !== undefined);
  const machine = machineOf(record);
  const patches = patchesOf(record);
  const kind = device ?? (machine?.device === 'auto' ? undefined : machine?.device);
  const planned = typeof record['epochs'] === 'number' ? record['epochs'] : undefined;
  const epochs = sum(runs.map((run) => run.epochs));
  if (machine === undefined || patches === undefined || kind === undefined || epochs === 0 || windows <= 0) return undefined;
  return {
    runs: runs.length,
    ms: sum(runs.map(({ms}) => ms)),
    windows,
    patches,
    epochs,
    allowedEpochs: sum(runs.map((run) => run.allowed ?? planned ?? run.epochs)),
    params: Math.round(sum(runs.map(({params, epochs: ran}) => params * ran)) / epochs),
    stops: stopsOf(record),
    machine,
    device: kind,
  };
}

function trainingIn(result: JsonObject): Run | undefined {
  const [seconds, epochs, params] = [result['duration_seconds'], result['epochs_run'], result['param_count']];
  const allowed = numberAt(result, '/params/epochs');
  return typeof seconds === 'number' && typeof epochs === 'number' && typeof params === 'number'
    ? {ms: seconds * 1000, epochs, allowed, params}
    : undefined;
}

// A trial that was looked up took no time, one that was adopted ran elsewhere, and one that never came to the end of an epoch says nothing of one.
function trialsIn(lines: string): readonly (Run | undefined)[] {
  return lines.split('\n').map((line) => {
    const trial = parseObject(line === '' ? undefined : line);
    if (trial === undefined || trial['cached'] === true || trial['adopted'] === true) return undefined;
    const {seconds, epochs, param_count: params} = trial;
    if (typeof seconds !== 'number' || !Array.isArray(epochs) || epochs.length === 0 || typeof params !== 'number') return undefined;
    return {ms: seconds * 1000, epochs: epochs.length, allowed: numberAt(trial, '/params/epochs'), params};
  });
}

function numberAt(json: Json, pointer: string): number | undefined {
  const value = findAt(json, pointer);
  return typeof value === 'number' ? value : undefined;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
