// Each parameter that a step takes, with where its value comes from: a layer of the file, or what a search found. Reads only.
import type {NodeId, ProjectPath} from '../base/ids.ts';
import {isJsonObject, parseObject, type Json, type JsonObject} from '../base/json.ts';
import {sortedBy} from '../base/order.ts';
import type {Experiment, ParameterRecord, ParameterSource} from '../config/study.ts';
import {architectureNames} from '../config/slices.ts';
import type {Session} from '../build/session.ts';
import type {Forecast} from '../build/verdicts.ts';
import type {Node} from '../graph/node.ts';
import {placeOf} from '../ui/diagnostics.ts';

export interface ShownParam {
  readonly name: string;
  readonly value: Json;
  readonly from: string;
  readonly place: string | null;
}

export function paramsOf(session: Session, node: Node, forecasts: ReadonlyMap<NodeId, Forecast>): readonly ShownParam[] {
  const experiment = session.study.experiments.find(({name}) => name === node.experiment);
  if (experiment === undefined) return [];
  const {source, training} = experiment;
  const records: ParameterRecord[] =
    node.rule === 'training' ? [training.record] : source.kind === 'study' ? [source.record, source.extent] : [];
  const own = records
    .flatMap((record) => [...record])
    .map(([name, {value, from, span}]) => ({name, value, from, place: span === undefined ? null : placeOf(span)}));
  const found = node.rule === 'training' || node.rule === 'borrow' ? searchedOf(session, experiment, forecasts) : [];
  return sortedBy([...own, ...found.filter(({name}) => !own.some((param) => param.name === name))], ({name}) => name);
}

// What lies there, even where it is stale: then it may become another value, which is said.
function searchedOf(
  {graph, disk}: Session,
  {name: experiment, source}: Experiment,
  forecasts: ReadonlyMap<NodeId, Forecast>,
): readonly ShownParam[] {
  const maker = graph.nodes.find((node) => node.experiment === experiment && (node.rule === 'hpo' || node.rule === 'borrow'));
  const path = maker?.outputs.find((output) => output.path.endsWith('best_params.json'))?.path;
  if (maker === undefined || path === undefined) return [];
  const values = readParams(disk.readText(path));
  const names = new Set([...searchedNames(source), ...Object.keys(values ?? {})]);
  const from = `${describeSource(source)}${describeStanding(forecasts.get(maker.id), values)}`;
  return [...names].map((name) => ({
    name,
    value: values?.[name] ?? null,
    from,
    place: values === undefined ? null : (path satisfies ProjectPath),
  }));
}

function readParams(text: string | undefined): JsonObject | undefined {
  const params = parseObject(text)?.['params'];
  return isJsonObject(params) ? params : undefined;
}

function describeSource(source: ParameterSource): string {
  switch (source.kind) {
    case 'record':
      return 'the file';
    case 'study':
      return 'found by its search';
    case 'borrow':
      return `borrowed (${source.method}) from ${source.from.map(({experiment}) => experiment).join(', ')}`;
  }
}

function describeStanding(entry: Forecast | undefined, values: JsonObject | undefined): string {
  if (values === undefined) return ', which has not run yet';
  return entry?.will === 'stay' || entry?.will === 'be_restored' ? '' : ', which is to run again';
}

function searchedNames(source: ParameterSource): readonly string[] {
  if (source.kind === 'record') return [];
  if (source.kind === 'borrow') return [...source.searched.keys()];
  const search = source.record.get('search')?.value;
  const hasGrid = source.record.get('architecture') !== undefined && isJsonObject(source.record.get('architecture')?.value);
  return [...(isJsonObject(search) ? Object.keys(search) : []), ...(hasGrid ? architectureNames : [])];
}
