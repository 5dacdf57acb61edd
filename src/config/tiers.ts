// The named feature sets: lists of columns in one committed file. Knows nothing of what the columns mean.
import {problem} from '../base/diagnostic.ts';
import {isJsonObject} from '../base/json.ts';
import type {Json} from '../base/json.ts';
import {failure, success} from '../base/result.ts';
import type {Result} from '../base/result.ts';

export type TierTable = ReadonlyMap<string, readonly string[]>;

/** Reads `{"a20": ["col", ...], ...}`, or the same below a member `tiers`. */
export function parseTiers(text: string): Result<TierTable> {
  const parsed = parseJson(text);
  const table = isJsonObject(parsed) && isJsonObject(parsed['tiers']) ? parsed['tiers'] : parsed;
  if (!isJsonObject(table)) return failure([problem('FTS107', 'the file of tiers holds no JSON object')]);
  const tiers = new Map<string, readonly string[]>();
  for (const [name, columns] of Object.entries(table)) {
    if (!isTexts(columns)) return failure([problem('FTS107', `tier "${name}" is no list of column names`)]);
    tiers.set(name, columns);
  }
  return success(tiers);
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}
