// Checks result files against their JSON Schemas, by validators compiled at build time. Says what is wrong, not what to do.
import type {ErrorObject} from 'ajv';
import validateBestParams from './generated/best_params.js';
import validateDataset from './generated/dataset.js';
import validateMetrics from './generated/metrics.js';
import validateTrial from './generated/trial.js';

const validators = {best_params: validateBestParams, dataset: validateDataset, metrics: validateMetrics, trial: validateTrial};

export type ResultKind = keyof typeof validators;

/** One phrase for each problem; empty when the value has the shape. */
export function validateResult(kind: ResultKind, value: unknown): readonly string[] {
  const validate = validators[kind];
  return validate(value) ? [] : (validate.errors ?? []).map(describe);
}

function describe({instancePath, keyword, params}: ErrorObject): string {
  const place = instancePath === '' ? 'the file' : instancePath.slice(1).replaceAll('/', '.');
  return `${place} ${phraseOf(keyword, params)}`;
}

function phraseOf(keyword: string, params: Readonly<Record<string, unknown>>): string {
  switch (keyword) {
    case 'required':
      return `lacks ${String(params['missingProperty'])}`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `has an unknown member ${String(params['additionalProperty'] ?? params['unevaluatedProperty'])}`;
    case 'type':
      return `is not of type ${String(params['type'])}`;
    case 'const':
      return `is not ${JSON.stringify(params['allowedValue'])}`;
    default:
      return `does not meet "${keyword}"`;
  }
}
