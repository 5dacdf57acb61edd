// A training as a node: one seed of an experiment, with the parameters its study found or it borrowed.
import {nodeId, projectPath} from '../base/ids.ts';
import type {Experiment} from '../config/study.ts';
import type {Input, Node} from '../graph/node.ts';
import {bestParamsPath, keyedParams, plainRecord, scriptPath, trainingDirectory, type RuleContext} from './context.ts';
import {dataInputs} from './data.ts';
import {environmentInput} from './environment.ts';
import {featuresOf} from './features.ts';
import {poolFor} from './pool.ts';

export function trainingNode(context: RuleContext, experiment: Experiment, seed: number): Node {
  const {study} = context;
  const {record} = experiment.training;
  const script = scriptPath(study, experiment, 'train');
  const directory = trainingDirectory(study, experiment.name, seed);
  return {
    id: nodeId(`${directory}/metrics.json`),
    rule: 'training',
    label: `training ${experiment.name} seed ${String(seed)}`,
    phase: experiment.phase,
    experiment: experiment.name,
    dims: new Map([...experiment.dims, ['seed', String(seed)]]),
    inputs: [
      {path: script, kind: 'explicit', part: {of: 'script_code'}, role: 'script'},
      bestParamsInput(context, experiment),
      ...dataInputs(experiment.dataset, featuresOf(record)),
      environmentInput(context, 'training'),
    ],
    outputs: [
      {path: projectPath(`${directory}/metrics.json`), kind: 'file'},
      {path: projectPath(`${directory}/predictions.parquet`), kind: 'file'},
      {path: projectPath(`${directory}/checkpoints/best.pt`), kind: 'file'},
      {path: projectPath(`${directory}/train.log`), kind: 'volatile'},
    ],
    params: new Map([...keyedParams(record), ['seed', seed]]),
    extent: new Map(),
    code: ['fts.training_script', ...experiment.code.map(({module}) => module)],
    collects: [],
    cost: {pool: poolFor(context, record), estimateMs: experiment.budget.trainingMs},
    work: {
      kind: 'job',
      job: {
        rule: 'training',
        target: {kind: 'script', path: script},
        identity: experiment.identity,
        record: plainRecord(record),
        extent: {},
        output: directory,
        logFile: projectPath(`${directory}/train.log`),
        seed,
        data: experiment.dataset.path,
        checks: experiment.checks,
        asserts: experiment.asserts,
      },
    },
  };
}

function bestParamsInput({study}: RuleContext, {name, source}: Experiment): Input {
  const of = source.kind === 'record' ? 'nothing' : 'json';
  return {path: bestParamsPath(study, name), kind: 'explicit', part: {of, pointer: '/params'}, role: 'best_params'};
}
