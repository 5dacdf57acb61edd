// Gathers what the report shows: how each node stands, with the records of those that are current. Reads files, renders nothing.
import {parseObject} from '../base/json.ts';
import type {NodeId} from '../base/ids.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Experiment, ParameterSource} from '../config/study.ts';
import {validateResult} from '../config/results.ts';
import type {Node} from '../graph/node.ts';
import {parseLog} from '../results/parse-log.ts';
import type {BestParamsRecord, MetricsRecord, TrialRecord} from '../results/records.ts';
import type {ReportExperiment, ReportInput, ResultState} from '../results/report-input.ts';
import {nodeId} from '../base/ids.ts';
import {bestParamsPath, studyDirectory, trainingDirectory} from '../rules/context.ts';
import {readResult} from './outputs.ts';
import type {Session} from './session.ts';
import type {Shown} from './verdicts.ts';

export interface Gathered {
  readonly key: string;
  readonly commit: string | null;
  readonly shown: ReadonlyMap<NodeId, Shown>;
  readonly figureDirectory: string;
}

export function gatherReport(session: Session, {key, commit, shown, figureDirectory}: Gathered): ReportInput {
  const {study} = session;
  const byName = new Map(study.experiments.map((experiment) => [experiment.name, experiment]));
  return {
    title: `${study.project}: experiment results`,
    project: study.project,
    ...(study.profile === undefined ? {} : {profile: study.profile}),
    generatedFrom: {key, commit},
    figureDirectory,
    phases: study.phases.map((phase) => ({
      name: phase.name,
      title: phase.title,
      experiments: phase.experiments.flatMap((name) => {
        const experiment = byName.get(name);
        return experiment === undefined ? [] : [gatherExperiment(session, experiment, shown)];
      }),
    })),
    adopted: listAdopted(session, shown),
    ...readLog(session),
  };
}

// A row of an experiment that is gone, or has another name now, tells by its key or its data that it was this program's.
function readLog({study, disk}: Session): Pick<ReportInput, 'log' | 'foreignRows'> {
  const log = parseLog(disk.readText(study.paths.log) ?? '');
  const names = new Set(study.experiments.map(({name}) => name));
  const rows = log.rows.filter(({experiment, key, data_md5: data}) => names.has(experiment) || key !== null || data !== null);
  return {log: {...log, rows}, foreignRows: log.rows.length - rows.length};
}

function listAdopted({graph}: Session, shown: ReadonlyMap<NodeId, Shown>): NonNullable<ReportInput['adopted']> {
  return [...shown].flatMap(([id, how]) =>
    how.at === 'current' && how.adopted !== undefined ? [{result: graph.get(id).label, reason: how.adopted}] : [],
  );
}

function gatherExperiment(session: Session, experiment: Experiment, shown: ReadonlyMap<NodeId, Shown>): ReportExperiment {
  const {study} = session;
  const {source} = experiment;
  return {
    name: experiment.name,
    identity: experiment.identity,
    dims: experiment.dims,
    budget: {params: experiment.budget.params, tolerance: experiment.budget.tolerance},
    planned: plannedFrom(source),
    source: stateOf<BestParamsRecord>(session, nodeId(bestParamsPath(study, experiment.name)), shown, 'best_params'),
    trials: source.kind === 'study' ? readTrials(session, `${studyDirectory(study, experiment.name)}/trials.jsonl`) : [],
    seeds: experiment.training.seeds.map((seed) => ({
      seed,
      training: stateOf<MetricsRecord>(
        session,
        nodeId(`${trainingDirectory(study, experiment.name, seed)}/metrics.json`),
        shown,
        'metrics',
      ),
    })),
  };
}

function plannedFrom(source: ParameterSource): ReportExperiment['planned'] {
  switch (source.kind) {
    case 'record':
      return {kind: 'record'};
    case 'borrow':
      return {kind: 'borrow', method: source.method, from: source.from.map(({experiment, weight}) => ({experiment, weight}))};
    case 'study':
      return {
        kind: 'study',
        metric: source.record.get('objective.metric')?.value === 'val_auc' ? 'val_auc' : 'val_loss',
        goal: source.record.get('objective.goal')?.value === 'maximize' ? 'maximize' : 'minimize',
      };
    default:
      return unreachable(source);
  }
}

function stateOf<T>(session: Session, id: NodeId, shown: ReadonlyMap<NodeId, Shown>, kind: 'best_params' | 'metrics'): ResultState<T> {
  const how: Shown = shown.get(id) ?? {at: 'missing'};
  if (how.at === 'missing') return how;
  if (how.at !== 'current') return {at: how.at, reason: how.reason};
  const node: Node = session.graph.get(id);
  const record = readResult(session, node);
  const problems = record === undefined ? ['it is no JSON object'] : validateResult(kind, record);
  if (problems.length > 0) return {at: 'invalid', reason: problems.join('; ')};
  // The schema was just checked: this is the parse boundary of result files.
  return {at: 'current', record: record as unknown as T};
}

function readTrials(session: Session, path: string): readonly TrialRecord[] {
  const lines = (session.disk.readText(path) ?? '').split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    // A line may be cut off: its writer was killed, or the disk was full.
    const trial = parseObject(line);
    return trial !== undefined && validateResult('trial', trial).length === 0 ? [trial as unknown as TrialRecord] : [];
  });
}
