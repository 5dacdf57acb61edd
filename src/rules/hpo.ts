// A study as a node: one Optuna search of an experiment.
import {nodeId, projectPath} from '../base/ids.ts';
import type {Experiment, ParameterSource} from '../config/study.ts';
import type {Node} from '../graph/node.ts';
import {bestParamsPath, keyedParams, plainRecord, scriptPath, studyDirectory, type RuleContext} from './context.ts';
import {dataInputs} from './data.ts';
import {environmentInput} from './environment.ts';
import {featuresOf} from './features.ts';
import {poolFor} from './pool.ts';

export type StudySource = Extract<ParameterSource, {kind: 'study'}>;

export function hpoNode(context: RuleContext, experiment: Experiment, source: StudySource): Node {
  const {study} = context;
  const script = scriptPath(study, experiment, 'hpo');
  const directory = studyDirectory(study, experiment.name);
  return {
    id: nodeId(bestParamsPath(study, experiment.name)),
    rule: 'hpo',
    label: `hpo ${experiment.name}`,
    phase: experiment.phase,
    experiment: experiment.name,
    dims: experiment.dims,
    inputs: [
      {path: script, kind: 'explicit', part: {of: 'script_code'}, role: 'script'},
      ...dataInputs(experiment.dataset, featuresOf(source.record)),
      environmentInput(context, 'training'),
    ],
    outputs: [
      {path: bestParamsPath(study, experiment.name), kind: 'file'},
      {path: projectPath(`${directory}/trials.jsonl`), kind: 'file'},
      {path: projectPath(`${directory}/study.db`), kind: 'volatile'},
      {path: projectPath(`${directory}/hpo.log`), kind: 'volatile'},
    ],
    params: keyedParams(source.record),
    extent: new Map([...source.extent].map(([name, parameter]) => [name, parameter.value])),
    code: ['fts.hpo_script', ...experiment.code.map(({module}) => module)],
    collects: [],
    partialSuffices: source.acceptPartial,
    cost: {pool: poolFor(context, source.record), estimateMs: estimate(experiment, source)},
    work: {
      kind: 'job',
      job: {
        rule: 'hpo',
        target: {kind: 'script', path: script},
        identity: experiment.identity,
        record: plainRecord(source.record),
        extent: plainRecord(source.extent),
        output: directory,
        logFile: projectPath(`${directory}/hpo.log`),
        seed: undefined,
        data: experiment.dataset.path,
        checks: experiment.checks,
        asserts: experiment.asserts,
      },
    },
  };
}

function estimate(experiment: Experiment, source: StudySource): number | undefined {
  const trials = source.extent.get('trials')?.value;
  return experiment.budget.trialMs === undefined || typeof trials !== 'number' ? undefined : experiment.budget.trialMs * trials;
}
