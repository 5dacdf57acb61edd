// Holds result files against their schemas. Knows nothing of which run they belong to.
import type {ErrorObject} from 'ajv';

import validateBestParams from './generated/best_params.js';
import validateDataset from './generated/dataset.js';
import validateMetrics from './generated/metrics.js';
import validateTrial from './generated/trial.js';

export type ResultKind = 'best_params' | 'metrics' | 'dataset' | 'trial';

const validators = {best_params: validateBestParams, metrics: validateMetrics, dataset: validateDataset, trial: validateTrial} as const;

/** One sentence for each thing that is wrong; none where the value is sound. */
export function validateResult(kind: ResultKind, value: unknown): readonly string[] {
  const validate = validators[kind];
  return validate(value) ? [] : (validate.errors ?? []).map(describe);
}

function describe({keyword, instancePath, params}: ErrorObject): string {
  const place = instancePath === '' ? 'the whole' : instancePath.slice(1).replaceAll('/', '.');
  switch (keyword) {
    case 'required':
      return `${place} lacks "${String(params['missingProperty'])}"`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `${place} has an unknown member "${String(params['additionalProperty'] ?? params['unevaluatedProperty'])}"`;
    case 'type':
      return `${place} must be ${String(params['type']).replaceAll(',', ' or ')}`;
    case 'const':
      return `${place} must be ${JSON.stringify(params['allowedValue'])}`;
    case 'enum':
      return `${place} must be one of ${JSON.stringify(params['allowedValues'])}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `${place} must be ${String(params['comparison'])} ${String(params['limit'])}`;
    default:
      return `${place} breaks the rule "${keyword}"`;
  }
}
