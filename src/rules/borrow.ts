// Borrowing as a node: an experiment that gets its parameters from others' studies, with a record of which.
import {nodeId} from '../base/ids.ts';
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
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
    inputs: borrow.from.flatMap(({experiment: source}) =>
      ['/params', '/key'].map((pointer) => ({path: bestParamsPath(study, source), kind: 'explicit' as const, part: {of: 'json' as const, pointer}})),
    ),
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
}

function renderBorrowed({context, experiment, borrow, reader}: Job): Result<Rendered> {
  const sources: SourceResult[] = [];
  for (const source of borrow.from) {
    const path = bestParamsPath(context.study, source.experiment);
    const file = JSON.parse(reader.readText(path) ?? 'null') as Json;
    if (!isJsonObject(file) || !isJsonObject(file['params'])) {
      return failure([problem('FTS501', `${path} is no result of a study, so ${experiment.name} cannot borrow from it`, {help: `run \`ftsbuild ${source.experiment}\` again`})]);
    }
    sources.push({source, path, key: file['key'] ?? null, params: file['params'], metric: file['metric'] ?? null});
  }
  const params = borrowParams(borrow, sources);
  return success({files: [{path: bestParamsPath(context.study, experiment.name), text: `${JSON.stringify(resultOf(experiment, borrow, sources, params), null, 2)}\n`}], python: false, warnings: []});
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
    provenance: null,
  };
}

/**
 * One value for each searched parameter. The architecture and every choice are taken whole from the nearest source (the first of those with
 * the largest weight); numbers are the weighted mean, on a log scale where they were searched on one; a conditional parameter that one source
 * lacks comes from the others.
 */
export function borrowParams(borrow: Pick<Borrow, 'from' | 'searched'>, sources: readonly {readonly source: BorrowSource; readonly params: JsonObject}[]): JsonObject {
  const byWeight = sources.toSorted((left, right) => right.source.weight - left.source.weight);
  const params: Record<string, Json> = {};
  for (const [name, scale] of borrow.searched) {
    const holders = byWeight.filter(({params: found}) => found[name] !== undefined);
    const nearest = holders[0]?.params[name];
    if (nearest === undefined) continue;
    const numbers = holders.flatMap(({source, params: found}) => (typeof found[name] === 'number' && source.weight > 0 ? [{value: found[name], weight: source.weight}] : []));
    params[name] = blend(scale, nearest, numbers);
  }
  return params;
}

function blend(scale: Scale, nearest: Json, numbers: readonly {readonly value: number; readonly weight: number}[]): Json {
  if (scale === 'choice' || scale === 'architecture' || numbers.length === 0) return nearest;
  const first = numbers[0];
  if (first !== undefined && numbers.every(({value}) => value === first.value)) return first.value;
  const total = numbers.reduce((sum, {weight}) => sum + weight, 0);
  const mean = (scaled: (value: number) => number): number => numbers.reduce((sum, {value, weight}) => sum + (weight / total) * scaled(value), 0);
  if (scale === 'log') return Math.exp(mean(Math.log));
  return scale === 'integer' ? Math.round(mean((value) => value)) : mean((value) => value);
}
