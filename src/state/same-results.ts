// Versions of Python modules that give the results of earlier ones, bit for bit: which digests stand in a key for those of today. Pure.
import {isJsonObject, parseObject, type Json, type JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';

/** Path in the package -> digest of its meaning. */
export type Modules = ReadonlyMap<string, string>;

/** One change that moved no bit, or several of them one after the other. */
export interface SameResults {
  /** Modules as they are today, of those that changed, came or were moved. */
  readonly now: Modules;
  /** What they count as: those of the release that results were made with. A module that came since is not among them. */
  readonly countsAs: Modules;
}

/** The committed table (python/fts/same_results.json): what is no row of it is left out, which costs a run and no result. */
export function parseSameResults(text: string | undefined): readonly SameResults[] {
  const rows = parseObject(text)?.['rows'];
  return Array.isArray(rows) ? rows.flatMap((row: Json) => (isJsonObject(row) ? rowOf(row) : [])) : [];
}

function rowOf({now, counts_as: countsAs}: JsonObject): readonly SameResults[] {
  return isJsonObject(now) && isJsonObject(countsAs) ? [{now: modulesOf(now), countsAs: modulesOf(countsAs)}] : [];
}

function modulesOf(object: JsonObject): Modules {
  return new Map(Object.entries(object).flatMap(([path, digest]) => (typeof digest === 'string' ? [[path, digest] as const] : [])));
}

/**
 * The modules that a node's code counts as. A row holds for a node as a whole or not at all: every module of it that the node reaches is the
 * one that the row was written for. So an edit of one module of a split takes the old name from none of the others.
 */
export function countedAs(modules: Modules, rows: readonly SameResults[]): Modules {
  const counted = new Map(modules);
  for (const {now, countsAs} of rows) {
    const reached = [...now].filter(([path]) => modules.has(path));
    if (reached.length === 0 || reached.some(([path, digest]) => modules.get(path) !== digest)) continue;
    for (const [path] of reached) counted.delete(path);
    for (const [path, digest] of countsAs) counted.set(path, digest);
  }
  return new Map(sorted(counted.keys()).map((path) => [path, counted.get(path) ?? '']));
}
