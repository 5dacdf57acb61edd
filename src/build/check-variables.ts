// What the expressions under `checks:` may name: the numbers of a result file, flat and under their groups.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';

/** Of a training the validation metrics by their bare names; the test split is in no check. */
export function checkVariables(rule: 'data' | 'hpo' | 'training', result: JsonObject): JsonObject {
  const samples = objectAt(result, 'samples');
  const common: Record<string, Json> = {
    param_count: result['param_count'] ?? null,
    train: objectAt(samples, 'train'),
    val: {...objectAt(result, 'val'), ...objectAt(samples, 'val')},
  };
  if (rule === 'hpo')
    return {...common, val_loss: result['metric'] === 'val_loss' ? (result['value'] ?? null) : null, trials: objectAt(result, 'trials')};
  const {loss, ...metrics} = objectAt(result, 'val');
  return {
    ...common,
    ...metrics,
    val_loss: loss ?? null,
    train_loss: result['train_loss'] ?? null,
    best_epoch: result['best_epoch'] ?? null,
  };
}

function objectAt(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  return isJsonObject(found) ? found : {};
}
