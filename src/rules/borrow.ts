// Borrowing as a node: an experiment that gets its parameters from others' studies, with a record of which.
import {nodeId, type ProjectPath} from '../base/ids.ts';
import {canonicalText, isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {problem} from '../base/diagnostic.ts';
import {failure, success, type Result} from '../base/result.ts';
import type {BorrowSource, Experiment, ParameterSource, Scale, WholeNumbers} from '../config/study.ts';
import type {Input, Node, Part, Rendered, ResultReader} from '../graph/node.ts';
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
    inputs: borrow.from.flatMap(({experiment: source}) => inputsFrom(bestParamsPath(study, source))),
    outputs: [{path: output, kind: 'file'}],
    params: new Map<string, Json>([
      ['method', borrow.method],
      ['from', borrow.from.map(({experiment: source, weight, distance}) => ({experiment: source, weight, distance}))],
      ['searched', Object.fromEntries(borrow.searched)],
      ['identity', {...experiment.identity}],
    ]),
    extent: new Map(),
    code: [],
    collects: [],
    cost: {pool: undefined, estimateMs: 100},
    work: {kind: 'internal', perform: (reader) => renderBorrowed({context, experiment, borrow, reader})},
  };
}

// Nothing else decides what is borrowed: the rest of a source (times, commits, provenance) differs between two undisturbed builds.
function inputsFrom(path: ProjectPath): readonly Input[] {
  const parts: readonly Part[] = [
    ...['/params', '/key', '/identity'].map((pointer) => ({of: 'json', pointer}) as const),
    {of: 'mark', pointer: '/adopted'},
  ];
  return parts.map((part) => ({path, kind: 'explicit', part}));
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
  readonly adopted: Json | undefined;
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
    adopted: file['adopted'],
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
    ...adoptedFrom(sources),
  };
}

// What rests on a person's word does so under another name, too.
function adoptedFrom(sources: readonly SourceResult[]): JsonObject {
  const marked = sources.flatMap(({source, adopted}) => (isJsonObject(adopted) ? [{source, adopted}] : []));
  if (marked.length === 0) return {};
  const counts = marked.flatMap(({adopted}) => (typeof adopted['trials'] === 'number' ? [adopted['trials']] : []));
  const trials = counts.length < marked.length ? null : counts.reduce((sum, count) => sum + count, 0);
  const reasons = marked.map(
    ({source, adopted}) => `${source.experiment}: ${typeof adopted['reason'] === 'string' ? adopted['reason'] : ''}`,
  );
  return {adopted: {trials, reason: `borrowed from what was adopted, ${reasons.join('; ')}`}};
}

function nearestOf<T extends {readonly source: BorrowSource}>(sources: readonly T[]): T | undefined {
  return nearestFirst(sources)[0];
}

function nearestFirst<T extends {readonly source: BorrowSource}>(sources: readonly T[]): readonly T[] {
  return sources.toSorted((left, right) => left.source.distance - right.source.distance);
}

/**
 * One value for each searched parameter. The architecture and every choice are taken whole from the nearest source (of equally near ones the
 * first); numbers are the weighted mean, on a log scale where they were searched on one, and of a range of whole numbers one that a search
 * could have drawn; a conditional parameter that one source lacks comes from the others.
 */
export function borrowParams(
  borrow: Pick<Borrow, 'from' | 'searched'>,
  sources: readonly {readonly source: BorrowSource; readonly params: JsonObject}[],
): JsonObject {
  const near = nearestFirst(sources);
  const byWeight = sources.toSorted((left, right) => right.source.weight - left.source.weight);
  const params: Record<string, Json> = {};
  for (const [name, scale] of borrow.searched) {
    const nearest = near.find(({params: found}) => found[name] !== undefined)?.params[name];
    if (nearest === undefined) continue;
    const numbers = byWeight.flatMap(({source, params: found}) =>
      typeof found[name] === 'number' && source.weight > 0 ? [{value: found[name], weight: source.weight}] : [],
    );
    params[name] = blend(scale, nearest, numbers);
  }
  return params;
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

function blend(scale: Scale, nearest: Json, numbers: readonly Weighted[]): Json {
  if (scale === 'choice' || scale === 'architecture' || numbers.length === 0) return nearest;
  if (scale === 'log') return meanOf(numbers, Math.log, Math.exp);
  const mean = meanOf(numbers);
  return scale === 'linear' ? mean : nearestIn(scale, mean);
}

// Equal values stay exactly what they are.
function meanOf(numbers: readonly Weighted[], scaled = (value: number): number => value, back = (value: number): number => value): number {
  const [first] = numbers;
  if (first !== undefined && numbers.every(({value}) => value === first.value)) return first.value;
  const total = numbers.reduce((sum, {weight}) => sum + weight, 0);
  return back(numbers.reduce((sum, {value, weight}) => sum + (weight / total) * scaled(value), 0));
}

function nearestIn({low, high, step}: WholeNumbers, value: number): number {
  const last = Math.floor((high - low) / step);
  return low + step * Math.min(last, Math.max(0, Math.round((value - low) / step)));
}
