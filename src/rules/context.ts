// What every rule gets: the study, and the texts of the installed package that decide what it makes.
import type {ProjectPath} from '../base/ids.ts';
import {projectPath} from '../base/ids.ts';
import type {JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import type {Experiment, ParameterRecord, Study} from '../config/study.ts';

export interface RuleContext {
  readonly study: Study;
  /** Texts of `templates/*.hbs`, by file name. */
  readonly templates: ReadonlyMap<string, string>;
  /** The locked Python requirements: where the file lies (absolute), and its text. */
  readonly requirements: {readonly file: string; readonly text: string};
  /** Whether this machine has a device that `device: auto` takes before the CPU. */
  readonly hasAccelerator: boolean;
}

/** The file that says what the Python environment is; it is written last, so it stands for the whole. */
export function environmentRecord(study: Study): ProjectPath {
  return projectPath(study.python.kind === 'venv' ? `${study.python.directory}/ftsbuild.json` : '.ftsbuild/interpreter.json');
}

export function studyDirectory(study: Study, experiment: string): ProjectPath {
  return projectPath(`${study.paths.outputs}/hpo/${experiment}`);
}

export function trainingDirectory(study: Study, experiment: string, seed: number): ProjectPath {
  return projectPath(`${study.paths.outputs}/training/${experiment}/seed${String(seed)}`);
}

export function bestParamsPath(study: Study, experiment: string): ProjectPath {
  return projectPath(`${studyDirectory(study, experiment)}/best_params.json`);
}

export function scriptPath(study: Study, experiment: Experiment, kind: 'hpo' | 'train'): ProjectPath {
  return projectPath(`${study.paths.scripts}/${experiment.phase}/${kind}_${experiment.shortName}.py`);
}

/** The record as plain JSON, names in code-unit order. */
export function plainRecord(record: ParameterRecord): JsonObject {
  return Object.fromEntries(sorted(record.keys()).map((name) => [name, record.get(name)?.value ?? null]));
}

// They say where to read, where to run, or only whether a run is allowed; the numbers that come out do not depend on them.
const outsideKey = new Set(['data.path', 'device', 'budget.tolerance', 'split.min_windows', 'split.min_positives']);

export function keyedParams(record: ParameterRecord): ReadonlyMap<string, JsonObject[string]> {
  return new Map([...record].filter(([name]) => !outsideKey.has(name)).map(([name, parameter]) => [name, parameter.value]));
}
