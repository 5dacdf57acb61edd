// The columns that a record's experiment reads as features.
import type {Json} from '../base/json.ts';
import type {ParameterRecord} from '../config/study.ts';

export function featuresOf(record: ParameterRecord): readonly string[] {
  const features: Json = record.get('features')?.value ?? [];
  return Array.isArray(features) ? features.map(String) : [];
}
