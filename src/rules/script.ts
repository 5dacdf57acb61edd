// Scripts as nodes: thin wrappers rendered from templates with every parameter visible, one README a phase.
import {createHash} from 'node:crypto';
import {nodeId, projectPath, type ProjectPath} from '../base/ids.ts';
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {success} from '../base/result.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Experiment, ParameterRecord, Phase, SensorChoice, Thermal} from '../config/study.ts';
import type {Node} from '../graph/node.ts';
import {codeText, escapeText} from '../results/markdown.ts';
import {withoutTemplateComments} from '../results/template-comments.ts';
import {renderTemplate} from '../results/template.ts';
import {bestParamsPath, plainRecord, scriptPath, studyDirectory, type RuleContext} from './context.ts';
import {environmentFirst} from './environment.ts';
import type {StudySource} from './hpo.ts';
import {pythonHelpers} from './python-text.ts';

export function hpoScriptNode(context: RuleContext, experiment: Experiment, source: StudySource): Node {
  const path = scriptPath(context.study, experiment, 'hpo');
  return scriptNode(context, {
    experiment,
    path,
    template: 'hpo.py.hbs',
    variables: {
      ...commonVariables(context, experiment, path),
      ...recordVariables(source.record),
      extent: plainRecord(source.extent),
      output: studyDirectory(context.study, experiment.name),
    },
  });
}

export function trainScriptNode(context: RuleContext, experiment: Experiment): Node {
  const path = scriptPath(context.study, experiment, 'train');
  const {source} = experiment;
  return scriptNode(context, {
    experiment,
    path,
    template: 'train.py.hbs',
    variables: {
      ...commonVariables(context, experiment, path),
      ...recordVariables(experiment.training.record),
      output: `${context.study.paths.outputs}/training/${experiment.name}`,
      hpo_params_path: source.kind === 'record' ? null : bestParamsPath(context.study, experiment.name),
      borrowed_from: source.kind === 'borrow' ? source.from.map(({experiment: name}) => name) : [],
      seeds: experiment.training.seeds,
      accept_partial: source.kind !== 'record' && source.acceptPartial,
    },
  });
}

/** Which templates a node renders, as parameters of its key: a changed template makes stale what it renders, a comment in it nothing. */
export function templateDigests(context: RuleContext, names: readonly string[]): (readonly [string, string])[] {
  return names.map((name) => {
    const text = withoutTemplateComments(templateText(context, name));
    return [`template ${name}`, createHash('sha256').update(text).digest('hex')] as const;
  });
}

function commonVariables(context: RuleContext, experiment: Experiment, path: ProjectPath): JsonObject {
  const phase = context.study.phases.find(({name}) => name === experiment.phase);
  return {
    identity: {...experiment.identity},
    title: phase?.title ?? experiment.phase,
    config_file: context.study.file,
    script_path: path,
    depth: path.split('/').length - 1,
    log: context.study.paths.log,
    thermal: thermalVariable(context.study.safety.thermal),
  };
}

/** For runs by hand; under the engine nothing of it counts. As in the YAML file, durations in seconds. */
function thermalVariable({sampleMs, maxWaitMs, sensor, ...thresholds}: Thermal): JsonObject {
  return {...thresholds, sample: sampleMs / 1000, max_wait: maxWaitMs / 1000, sensor: sensorText(sensor)};
}

function sensorText(sensor: SensorChoice): string {
  switch (sensor.kind) {
    case 'auto':
      return 'auto';
    case 'file':
      return `file:${sensor.path}`;
    case 'command':
      return `command:${sensor.line}`;
    default:
      return unreachable(sensor);
  }
}

// Names that a template takes by name, because every record holds them; `split.*` and the rest come as lists.
const namedInTemplates = new Set([
  ...[
    'budget.params',
    'budget.tolerance',
    'task.kind',
    'task.pct',
    'horizon',
    'data.path',
    'features',
    'context',
    'patch.length',
    'patch.stride',
  ],
  ...[
    'threads',
    'precision',
    'device',
    'seed',
    'subset',
    'objective.metric',
    'objective.goal',
    'pruner',
    'startup_trials',
    'search',
    'architecture',
    'forced',
  ],
]);

function recordVariables(record: ParameterRecord): JsonObject {
  const plain = plainRecord(record);
  const {search, architecture} = plain;
  const rest = Object.entries(plain).filter(([name]) => !namedInTemplates.has(name));
  return {
    record: plain,
    search: pairsOf(search),
    architecture: isJsonObject(architecture) ? pairsOf(architecture) : null,
    split: rest.flatMap(([name, value]) => (name.startsWith('split.') ? [{name: name.slice('split.'.length), value}] : [])),
    fixed: rest.flatMap(([name, value]) => (name.startsWith('split.') ? [] : [{name, value}])),
  };
}

function pairsOf(value: Json | undefined): Json {
  return isJsonObject(value) ? Object.entries(value).map(([name, item]) => ({name, value: item})) : [];
}

interface Script {
  readonly experiment: Experiment;
  readonly path: ProjectPath;
  readonly template: string;
  readonly variables: JsonObject;
}

function scriptNode(context: RuleContext, {experiment, path, template, variables}: Script): Node {
  return {
    ...scriptBase(context, path, template, variables),
    label: `script ${path}`,
    phase: experiment.phase,
    experiment: experiment.name,
    dims: experiment.dims,
    work: {
      kind: 'internal',
      perform: async () => {
        const text = await renderTemplate(templateText(context, template), variables, pythonHelpers);
        return success({files: [{path, text}], holds: 'python', warnings: []});
      },
    },
  };
}

/** The README beside a phase's scripts: which there are, and how they are run by hand. */
export function phaseReadmeNode(context: RuleContext, phase: Phase): Node {
  const path = projectPath(`${context.study.paths.scripts}/${phase.name}/README.md`);
  const variables = readmeVariables(context, phase);
  return {
    ...scriptBase(context, path, 'phase-readme.md.hbs', variables),
    label: `script ${path}`,
    phase: phase.name,
    dims: new Map([['phase', phase.name]]),
    work: {
      kind: 'internal',
      perform: async () => {
        const text = await renderTemplate(templateText(context, 'phase-readme.md.hbs'), variables);
        return success({files: [{path, text}], holds: 'text', warnings: []});
      },
    },
  };
}

function readmeVariables(context: RuleContext, phase: Phase): JsonObject {
  const {study} = context;
  const experiments = study.experiments.filter((experiment) => experiment.phase === phase.name);
  return {
    phase: phase.name,
    title: escapeText(phase.title),
    config_file: codeText(study.file),
    reads_params: experiments.some(({source, training}) => source.kind !== 'record' && training.seeds.length > 0),
    experiments: experiments.map((experiment) => ({
      name: experiment.name,
      budget: experiment.identity.budget,
      task: experiment.identity.task,
      horizon: experiment.identity.horizon,
      tier: experiment.identity.tier,
      borrowed_from: experiment.source.kind === 'borrow' ? experiment.source.from.map(({experiment: name}) => name) : [],
      hpo_script: experiment.source.kind === 'study' ? scriptPath(study, experiment, 'hpo') : null,
      train_script: experiment.training.seeds.length > 0 ? scriptPath(study, experiment, 'train') : null,
      seeds: experiment.training.seeds,
    })),
  };
}

function scriptBase(
  context: RuleContext,
  path: ProjectPath,
  template: string,
  variables: JsonObject,
): Omit<Node, 'label' | 'dims' | 'work'> {
  return {
    id: nodeId(path),
    rule: 'script',
    inputs: [environmentFirst(context)],
    outputs: [{path, kind: 'file'}],
    params: new Map<string, Json>([...templateDigests(context, [template]), ...Object.entries(variables)]),
    extent: new Map(),
    code: [],
    collects: [],
    cost: {pool: undefined, estimateMs: 50},
  };
}

function templateText(context: RuleContext, name: string): string {
  const text = context.templates.get(name);
  if (text === undefined) throw new Error(`unreachable: no template ${name}`);
  return text;
}
