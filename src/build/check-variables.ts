// What the expressions under `checks:` may name: the numbers of a result file, flat and under their groups.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';

/**
 * Of a training the validation metrics by their bare names; the test split is in no check. A metric that is no number in the file (the loss
 * diverged, the area under a curve of one class) is NaN here, so that no comparison with it holds.
 */
export function checkVariables(rule: 'data' | 'hpo' | 'training', result: JsonObject): JsonObject {
  const samples = objectAt(result, 'samples');
  const common: Record<string, Json> = {
    param_count: numberOf(result['param_count']),
    train: objectAt(samples, 'train'),
    val: {...numbersAt(result, 'val'), ...objectAt(samples, 'val')},
  };
  if (rule === 'hpo')
    return {...common, val_loss: result['metric'] === 'val_loss' ? numberOf(result['value']) : null, trials: objectAt(result, 'trials')};
  const {loss, ...metrics} = numbersAt(result, 'val');
  return {
    ...common,
    ...metrics,
    val_loss: numberOf(loss),
    train_loss: numberOf(result['train_loss']),
    best_epoch: numberOf(result['best_epoch']),
  };
}

function numbersAt(value: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(objectAt(value, name)).map(([member, found]) => [member, numberOf(found)]));
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : NaN;
}

function objectAt(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  return isJsonObject(found) ? found : {};
}
