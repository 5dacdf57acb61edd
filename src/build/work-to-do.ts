// What of a search or a training is left to do, as far as it is known before it runs: trials, and windows, patches and epochs of each. Looks only.
import type {NodeId} from '../base/ids.ts';
import {isJsonObject, parseObject, type Json, type JsonObject} from '../base/json.ts';
import type {Experiment} from '../config/study.ts';
import type {JobWork, Node} from '../graph/node.ts';
import {readDataManifest} from '../state/data-manifest.ts';
import type {Trained} from '../state/trace.ts';
import {endedTrialsIn, sizeOf, trialsOf} from './effort.ts';
import type {Training} from './estimate.ts';
import {dataIsAwaited} from './plan-gates.ts';
import {lookAtRaw} from './raw-data.ts';
import type {Session} from './session.ts';
import {trainedByTrials} from './trained.ts';
import type {Forecast} from './verdicts.ts';
import {epochsOf, machineOf, patchesOf, stopsOf, windowsOf, type Figure} from './workload.ts';

type Forecasts = ReadonlyMap<NodeId, Forecast>;
type Open = Extract<Forecast, {will: 'run' | 'follow'}>;

/** New data may have more rows than the data before it. */
const mostGrowth = 2;

export function workToDo(session: Session, forecasts: Forecasts): (node: Node, entry: Open) => Training {
  const experiments = new Map(session.study.experiments.map((experiment) => [experiment.name, experiment]));
  let manifest: ReturnType<typeof readDataManifest> | undefined;
  const rowsIn = (data: string): number | undefined => {
    manifest ??= readDataManifest(session.disk, session.study.paths.manifest);
    return manifest.get(data)?.rows;
  };
  return (node, entry) => {
    if (node.work.kind !== 'job') throw new Error(`unreachable: ${node.label} is no job`);
    const {job} = node.work;
    const experiment = experiments.get(node.experiment ?? '');
    const trials = trialsOf(node);
    const rows = rowsOf(session, {node, job, rowsIn, forecasts});
    const windows = rows && windowsOf(rows, job.record);
    const found = typeof job.record['epochs'] === 'number' ? undefined : foundFor(session, node, forecasts);
    const epochs = epochsOf(job.record, spaceOfEpochs(experiment, experiments), found);
    const patches = patchesOf(job.record);
    return {
      node: node.id,
      rule: node.rule,
      size: sizeOf(node),
      runs: trials === null ? 1 : trialsLeft(session, {node, job, entry, trials: variesNothing(experiment) ? Math.min(1, trials) : trials}),
      units: windows && epochs && patches !== undefined ? times(windows, epochs, patches) : undefined,
      stops: stopsOf(job.record),
      machine: machineOf(job.record),
      statedMs: node.cost.estimateMs === undefined ? undefined : node.cost.estimateMs / (trials ?? 1),
      begun: windows && begunOf(session, {node, job, entry, windows}),
    };
  };
}

function times(windows: Figure, epochs: Figure, patches: number): Figure {
  return {middle: windows.middle * epochs.middle * patches, most: windows.most * epochs.most * patches};
}

interface Data {
  readonly node: Node;
  readonly job: JobWork;
  readonly rowsIn: (data: string) => number | undefined;
  readonly forecasts: Forecasts;
}

// What the manifest says of the file that is there; of one that will be made again, what the study keeps of it, or what the prices that it is
// made of hold, else no more than twice as much.
function rowsOf(session: Session, {node, job: {data}, rowsIn, forecasts}: Data): Figure | undefined {
  if (data === undefined) return undefined;
  const known = rowsIn(data);
  if (known !== undefined && !dataIsAwaited(session, node, forecasts)) return {middle: known, most: known};
  const dataset = session.study.data.find(({path}) => path === data);
  if (dataset?.keepRows !== undefined) return {middle: dataset.keepRows, most: dataset.keepRows};
  const looked = dataset && lookAtRaw(session, dataset);
  if (looked?.is === 'sound') return {middle: looked.rows.rows, most: looked.rows.rows};
  return known === undefined ? undefined : {middle: known, most: known * mostGrowth};
}

/** Where no trial can differ from the first, the others are looked up. */
function variesNothing(experiment: Experiment | undefined): boolean {
  if (experiment?.source.kind !== 'study') return false;
  const {record, searchSummary} = experiment.source;
  const search = record.get('search')?.value;
  return searchSummary.varies.every((name) =>
    name === 'architecture' ? searchSummary.configurations === 1 : isJsonObject(search) && hasOneValue(search[name]),
  );
}

function hasOneValue(space: Json | undefined): boolean {
  if (!isJsonObject(space)) return false;
  const {choices, low, high} = space;
  return Array.isArray(choices) ? new Set(choices).size === 1 : low !== undefined && low === high;
}

interface Search {
  readonly node: Node;
  readonly job: JobWork;
  readonly entry: Open;
  readonly trials: number;
}

// Before its key is known a study may have to begin anew: the whole of it is counted.
function trialsLeft(session: Session, {node, job, entry, trials}: Search): number {
  if (!isKeyed(entry)) return trials;
  const there = entry.resumes?.trials ?? trialsAtPlace(session, node, job, entry);
  return Math.max(0, trials - there);
}

function isKeyed(entry: Open): entry is Extract<Open, {will: 'run'}> {
  return entry.will === 'run' && entry.awaits === undefined;
}

function trialsAtPlace({store, disk}: Session, node: Node, job: JobWork, {verdict}: Open): number {
  const {lastKey, trace} = store.standingOf(node.id);
  const beginsAnew = verdict.is === 'stale' && verdict.reason.because === 'forced' && trace !== undefined;
  return lastKey === verdict.key && !beginsAnew ? endedTrialsIn(disk, job.output) : 0;
}

// A study that was cut knows best how long its trials take.
function begunOf(
  {store, disk}: Session,
  {node, job, entry, windows}: Omit<Search, 'trials'> & {readonly windows: Figure},
): Trained | undefined {
  const {lastKey, lastTrace} = store.standingOf(node.id);
  if (job.rule !== 'hpo' || !isKeyed(entry) || lastKey !== entry.verdict.key || lastTrace?.key === lastKey) return undefined;
  const lines = disk.readText(`${job.output}/trials.jsonl`);
  return lines === undefined ? undefined : trainedByTrials(lines, {record: job.record, windows: windows.middle, device: 'its own'});
}

// A training takes what its search draws, its own or that of those it borrows from.
function spaceOfEpochs(experiment: Experiment | undefined, experiments: ReadonlyMap<string, Experiment>): Json | undefined {
  const source = experiment?.source;
  if (source?.kind === 'study') {
    const search = source.record.get('search')?.value;
    return isJsonObject(search) ? search['epochs'] : undefined;
  }
  const first = source?.kind === 'borrow' ? source.from[0] : undefined;
  return first === undefined ? undefined : spaceOfEpochs(experiments.get(first.experiment), experiments);
}

function foundFor({disk, graph}: Session, node: Node, forecasts: Forecasts): JsonObject | undefined {
  const search = graph.producersOf(node).find(({rule}) => rule === 'hpo' || rule === 'borrow');
  const best = search?.outputs[0];
  if (search === undefined || best === undefined || forecasts.get(search.id)?.will !== 'stay') return undefined;
  const params = parseObject(disk.readText(best.path))?.['params'];
  return isJsonObject(params) ? params : undefined;
}
