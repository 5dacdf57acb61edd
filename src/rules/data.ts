// A data set as a node: built from its source, or a file that must exist and is verified.
import {nodeId, projectPath, type NodeId, type ProjectPath} from '../base/ids.ts';
import type {Json, JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import type {Dataset} from '../config/study.ts';
import type {Input, Node} from '../graph/node.ts';
import type {RuleContext} from './context.ts';
import {environmentInput} from './environment.ts';
import {featuresOf} from './features.ts';

export function dataNode(context: RuleContext, dataset: Dataset): Node {
  const built = dataset.origin.kind === 'builder';
  const record = dataRecord(dataset, built ? [] : columnsReadFrom(context, dataset));
  return {
    id: dataNodeId(dataset),
    rule: 'data',
    label: `data ${dataset.name}`,
    dims: new Map(),
    inputs: [...rawInputs(dataset), environmentInput(context, 'data')],
    outputs: built ? [{path: dataset.path, kind: 'file'}] : [{path: verifiedPath(dataset), kind: 'file'}],
    params: new Map(Object.entries(record)),
    extent: new Map(),
    code: ['fts.data.__main__'],
    collects: [],
    cost: {pool: 'cpu', estimateMs: 10_000},
    work: {
      kind: 'job',
      job: {
        rule: 'data',
        target: {kind: 'module', name: 'fts.data'},
        identity: undefined,
        record,
        extent: built ? {} : {labels: labelsOn(context, dataset)},
        output: dataset.path,
        logFile: projectPath(`.ftsbuild/logs/${dataset.path}.log`),
        seed: undefined,
        data: undefined,
        checks: [],
        asserts: [],
      },
    },
  };
}

export function dataNodeId({origin, path}: Dataset): NodeId {
  return nodeId(origin.kind === 'builder' ? path : `data:${path}`);
}

/** What a consumer waits for: the file that is built, or the note that the given one was verified. */
export function datasetReady(dataset: Dataset): ProjectPath {
  return dataset.origin.kind === 'builder' ? dataset.path : verifiedPath(dataset);
}

function verifiedPath(dataset: Dataset): ProjectPath {
  return projectPath(`.ftsbuild/verified/${dataset.path}.json`);
}

function rawInputs(dataset: Dataset): Input[] {
  const file = dataset.origin.kind === 'file' ? dataset.path : dataset.origin.rawFile;
  return file === undefined ? [] : [{path: file, kind: 'explicit', part: {of: 'file'}}];
}

// A file that is given must hold what the experiments read; it is said here, at once, and not by the first of them.
function columnsReadFrom({study}: RuleContext, dataset: Dataset): readonly string[] {
  const records = study.experiments
    .filter((experiment) => experiment.dataset === dataset)
    .flatMap(({source, training}) => (source.kind === 'study' ? [source.record, training.record] : [training.record]));
  return [...new Set(records.flatMap(featuresOf))];
}

const labelNames = ['task.pct', 'horizon', 'context'];

// What the columns of a file of one's own are tried against: one of them may be made of the future. It changes no bit of the data, so it
// is in no key.
function labelsOn({study}: RuleContext, dataset: Dataset): readonly JsonObject[] {
  const labels = new Map<string, JsonObject>();
  for (const {training, dataset: used} of study.experiments) {
    if (used !== dataset) continue;
    const slice = [...training.record].filter(([name]) => labelNames.includes(name) || name.startsWith('split.'));
    const label = Object.fromEntries(slice.map(([name, {value}]) => [name, value]));
    labels.set(JSON.stringify(label), label);
  }
  return [...labels.values()];
}

function dataRecord(dataset: Dataset, read: readonly string[]): JsonObject {
  const {origin} = dataset;
  const record: Record<string, Json> = {
    source: origin.kind === 'file' ? null : origin.source,
    path: dataset.path,
    timescale: dataset.timescale,
    tiers: origin.kind === 'file' ? [] : origin.tiers,
    keep_rows: dataset.keepRows ?? null,
    min_rows: dataset.minRows,
    max_nan: dataset.maxNan,
    columns: sorted(new Set([...dataset.columns, ...read])),
    md5: dataset.md5 ?? null,
    // Only where it is said: what is usual is in no key.
    ...(dataset.calendar !== undefined && {calendar: dataset.calendar}),
  };
  return record;
}

const priceColumns = ['Date', 'Open', 'High', 'Low', 'Close', 'Volume'];

/** The columns an experiment reads: the prices its labels are made of, and its features. */
export function dataInputs(dataset: Dataset, features: readonly string[]): Input[] {
  const columns: Input = {path: dataset.path, kind: 'explicit', part: {of: 'columns', names: [...priceColumns, ...features]}, role: 'data'};
  return dataset.origin.kind === 'builder' ? [columns] : [columns, {path: verifiedPath(dataset), kind: 'order_only', part: {of: 'file'}}];
}
