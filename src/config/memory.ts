// How much memory a training takes at its peak, by formula; and the least that any configuration of a record takes. Pure arithmetic.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {parameterCount, type ModelInput, type ModelShape} from './architecture.ts';

export interface TrainedModel extends ModelInput, ModelShape {
  readonly batchSize: number;
  /** Bytes of a value between layers: 4 in float32, 2 in bfloat16. */
  readonly valueBytes: 2 | 4;
}

/**
 * Bytes; the formula of docs/design.md, "Memory", with the constants of `python/fts/memory.py`. A test holds both against the same answers.
 */
export function trainingBytes(model: TrainedModel): number {
  const {features, context, patchLength, patchStride, dModel, nLayers, ffRatio, batchSize, valueBytes} = model;
  const parameters = parameterCount(model);
  const patches = Math.floor((context - patchLength) / patchStride) + 1;
  const [wide, patch] = [dModel * ffRatio, patchLength * features];
  const window = patches * (nLayers * (13 * dModel + 3.5 * wide) + patch + 4 * (dModel + wide)) + context * features;
  // A batch that nothing is learned from is four times as large, and keeps one layer only.
  const evaluated = 4 * (patches * (2 * patch + 8 * dModel + 3 * wide) + context * features);
  const casts = valueBytes === 2 ? 2 * parameters : 0;
  return 20 * parameters + casts + valueBytes * batchSize * Math.max(window, evaluated);
}

/** Of all that a record allows, the configuration that takes least; undefined where it leaves the model to somebody else. */
export function leastTrainingBytes(record: JsonObject): number | undefined {
  const [dModels, layers, ratios] = ['d_model', 'n_layers', 'ff_ratio'].map((name) => axisOf(record, name));
  const batchSize = Math.min(...axisOf(record, 'batch_size'));
  const input = inputOf(record);
  if (dModels === undefined || layers === undefined || ratios === undefined || !Number.isFinite(batchSize) || input === undefined)
    return undefined;
  const [params, tolerance] = [numberAt(record, 'budget.params'), numberAt(record, 'budget.tolerance')];
  let least: number | undefined;
  for (const dModel of dModels)
    for (const nLayers of layers)
      for (const ffRatio of ratios) {
        const model = {...input, dModel, nLayers, ffRatio};
        if (params > 0 && Math.abs(parameterCount(model) - params) > tolerance * params) continue;
        const bytes = trainingBytes({...model, batchSize, valueBytes: record['precision'] === 'bfloat16' ? 2 : 4});
        least = Math.min(least ?? bytes, bytes);
      }
  return least;
}

function inputOf(record: JsonObject): ModelInput | undefined {
  const {features} = record;
  const [context, patchLength, patchStride] = ['context', 'patch.length', 'patch.stride'].map((name) => numberAt(record, name));
  if (!Array.isArray(features) || !context || !patchLength || !patchStride) return undefined;
  return {features: features.length, context, patchLength, patchStride};
}

/** The values that a name can take: fixed, in the architecture grid, or searched (of a range its lower end). */
function axisOf(record: JsonObject, name: string): readonly number[] {
  const {architecture, search} = record;
  const fixed = record[name];
  if (typeof fixed === 'number') return [fixed];
  if (isJsonObject(architecture)) {
    const values = numbersIn(architecture[name]);
    if (values.length > 0) return values;
  }
  const range = isJsonObject(search) ? search[name] : undefined;
  if (!isJsonObject(range)) return [];
  return typeof range['low'] === 'number' ? [range['low']] : numbersIn(range['choices']);
}

function numbersIn(value: Json | undefined): readonly number[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'number') : [];
}

function numberAt(record: JsonObject, name: string): number {
  const value = record[name];
  return typeof value === 'number' ? value : 0;
}
