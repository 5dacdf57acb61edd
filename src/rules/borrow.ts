// Borrowing as a node: an experiment that gets its parameters from others' studies, with a record of which.
import {nodeId} from '../base/ids.ts';
import {canonicalText, isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {problem} from '../base/diagnostic.ts';
import {failure, success, type Result} from '../base/result.ts';
import type {BorrowSource, Experiment, ParameterSource, Scale} from '../config/study.ts';
import type {Node, Rendered, ResultReader} from '../graph/node.ts';
import {bestParamsPath, type RuleContext} from './context.ts';

export type Borrow = Extract<ParameterSource, {kind: 'borrow'}>;

export function borrowNode(context: RuleContext, experiment: Experiment, borrow: Borrow): Node {
  const {study} = context;
  const output = bestParamsPath(study, experiment.name);
  return {
    id: nodeId(output),
    rule: 'borrow',
    label: `borrow ${experiment.name}`,
    phase: experiment.phase,
    experiment: experiment.name,
    dims: experiment.dims,
    // The whole file: identity, key and provenance of each source are copied. Nothing is saved by reading less, for borrowing costs nothing.
    inputs: borrow.from.map(({experiment: source}) => ({path: bestParamsPath(study, source), kind: 'explicit', part: {of: 'file'}})),
    outputs: [{path: output, kind: 'file'}],
    params: new Map<string, Json>([
      ['method', borrow.method],
      ['from', borrow.from.map(({experiment: source, weight}) => ({experiment: source, weight}))],
      ['searched', Object.fromEntries(borrow.searched)],
      ['identity', {...experiment.identity}],
    ]),
    extent: new Map(),
    code: [],
    collects: [],
    cost: {pool: undefined, estimateMs: 100},
    work: {kind: 'internal', perform: (reader) => Promise.resolve(renderBorrowed({context, experiment, borrow, reader}))},
  };
}

interface Job {
  readonly context: RuleContext;
  readonly experiment: Experiment;
  readonly borrow: Borrow;
  readonly reader: ResultReader;
}

interface SourceResult {
  readonly source: BorrowSource;
  readonly path: string;
  readonly key: Json;
  readonly params: JsonObject;
  readonly metric: Json;
  readonly provenance: JsonObject;
}

function renderBorrowed({context, experiment, borrow, reader}: Job): Result<Rendered> {
  const sources: SourceResult[] = [];
  for (const source of borrow.from) {
    const path = bestParamsPath(context.study, source.experiment);
    const file = parseJson(reader.readText(path) ?? '');
    const read = readSource(file, source, {borrow, path});
    if (typeof read === 'string') {
      const help = `run \`ftsbuild ${source.experiment}\` again`;
      return failure([problem('FTS501', `${experiment.name} cannot borrow from ${path}: ${read}`, {help})]);
    }
    sources.push(read);
  }
  const params = borrowParams(borrow, sources);
  return success({
    files: [
      {
        path: bestParamsPath(context.study, experiment.name),
        text: `${JSON.stringify(resultOf(experiment, borrow, sources, params), null, 2)}\n`,
      },
    ],
    holds: 'best_params',
    warnings: [],
  });
}

function parseJson(text: string): JsonObject | undefined {
  try {
    const json = JSON.parse(text) as Json;
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

// Who it says it is, and that its search is whole, is looked at here: a source may have been put there by hand.
function readSource(
  file: JsonObject | undefined,
  source: BorrowSource,
  {borrow, path}: {readonly borrow: Borrow; readonly path: string},
): SourceResult | string {
  if (file === undefined) return 'it is no JSON object';
  if (!isJsonObject(file['params'])) return 'it is no result of a study';
  if (canonicalText(file['identity'] ?? null) !== canonicalText({...source.identity}))
    return `it carries the identity ${canonicalText(file['identity'] ?? null)}`;
  if (file['status'] !== 'complete' && !borrow.acceptPartial) return `its search is ${canonicalText(file['status'] ?? null)}, not complete`;
  const {params, provenance} = file;
  return {
    source,
    path,
    key: file['key'] ?? null,
    metric: file['metric'] ?? null,
    params: isJsonObject(params) ? params : {},
    provenance: isJsonObject(provenance) ? provenance : {},
  };
}

// The key is stamped by the engine when it writes the file.
function resultOf(experiment: Experiment, borrow: Borrow, sources: readonly SourceResult[], params: JsonObject): JsonObject {
  return {
    schema_version: 1,
    kind: 'best_params',
    key: null,
    identity: {...experiment.identity},
    status: 'complete',
    method: `borrow:${borrow.method}`,
    params,
    metric: sources[0]?.metric ?? 'val_loss',
    value: null,
    epoch: null,
    trial: null,
    trials: null,
    param_count: null,
    samples: null,
    record: {},
    sources: sources.map(({source, path, key}) => ({experiment: source.experiment, key, path, weight: source.weight})),
    duration_seconds: 0,
    // Nothing ran: code and environment are those of the source that the architecture is from.
    provenance: {...nearestOf(sources)?.provenance, data: null, script: null, device: null, threads: null},
  };
}

function nearestOf<T extends {readonly source: BorrowSource}>(sources: readonly T[]): T | undefined {
  return sources.toSorted((left, right) => right.source.weight - left.source.weight)[0];
}

/**
 * One value for each searched parameter. The architecture and every choice are taken whole from the nearest source (the first of those with
 * the largest weight); numbers are the weighted mean, on a log scale where they were searched on one; a conditional parameter that one source
 * lacks comes from the others.
 */
export function borrowParams(
  borrow: Pick<Borrow, 'from' | 'searched'>,
  sources: readonly {readonly source: BorrowSource; readonly params: JsonObject}[],
): JsonObject {
  const byWeight = sources.toSorted((left, right) => right.source.weight - left.source.weight);
  const params: Record<string, Json> = {};
  for (const [name, scale] of borrow.searched) {
    const holders = byWeight.filter(({params: found}) => found[name] !== undefined);
    const nearest = holders[0]?.params[name];
    if (nearest === undefined) continue;
    const numbers = holders.flatMap(({source, params: found}) =>
      typeof found[name] === 'number' && source.weight > 0 ? [{value: found[name], weight: source.weight}] : [],
    );
    params[name] = blend(scale, nearest, numbers);
  }
  return params;
}

function blend(scale: Scale, nearest: Json, numbers: readonly {readonly value: number; readonly weight: number}[]): Json {
  if (scale === 'choice' || scale === 'architecture' || numbers.length === 0) return nearest;
  const first = numbers[0];
  if (first !== undefined && numbers.every(({value}) => value === first.value)) return first.value;
  const total = numbers.reduce((sum, {weight}) => sum + weight, 0);
  const mean = (scaled: (value: number) => number): number =>
    numbers.reduce((sum, {value, weight}) => sum + (weight / total) * scaled(value), 0);
  if (scale === 'log') return Math.exp(mean(Math.log));
  return scale === 'integer' ? Math.round(mean((value) => value)) : mean((value) => value);
}
