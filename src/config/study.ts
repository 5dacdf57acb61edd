// What a checked and expanded configuration is. Types only: every layer above reads a study, none of them knows YAML.
import type {Span} from '../base/diagnostic.ts';
import type {ProjectPath} from '../base/ids.ts';
import type {Json} from '../base/json.ts';
import type {SensorChoice} from '../host/thermometer.ts';

export type {SensorChoice} from '../host/thermometer.ts';

/** One study, from one configuration file (and what it includes) under at most one profile. */
export interface Study {
  readonly project: string;
  /** The file the user named, relative to the workspace. */
  readonly file: string;
  /** Every file the study was read from, the first one first. */
  readonly sources: readonly string[];
  readonly profile?: string;
  readonly paths: StudyPaths;
  readonly python: PythonChoice;
  readonly data: readonly Dataset[];
  readonly budgets: readonly Budget[];
  readonly phases: readonly Phase[];
  /** In file order: phases as written, points in matrix order (the first dimension varies slowest). */
  readonly experiments: readonly Experiment[];
  /** Pool name -> capacity. `cpu` and `accelerator` always exist. */
  readonly pools: ReadonlyMap<string, number>;
  readonly safety: Safety;
}

/** What protects the machine and the hours spent on it. Never part of a key. */
export interface Safety {
  readonly thermal: Thermal;
  readonly gates: GateSettings;
  readonly watchdog: Watchdog;
  /** How often within one build a job that something else killed goes on. */
  readonly retryKilled: number;
  /** Time between two rows of the hardware log. */
  readonly monitorMs: number;
}

/** Degrees Celsius; `acceptable` < `resume` <= `warn` < `abort`. */
export interface Thermal {
  readonly acceptable: number;
  readonly resume: number;
  readonly warn: number;
  readonly abort: number;
  /** What to do where there is no reading: go on and say so, or refuse to start. */
  readonly unknown: 'warn' | 'refuse';
  readonly sampleMs: number;
  readonly maxWaitMs: number;
  readonly sensor: SensorChoice;
}

export interface GateSettings {
  /** Bytes that must be free where the outputs go. */
  readonly diskBytes: number;
  /** `estimate`: what the model needs must be free; a number: so many bytes. */
  readonly memory: 'estimate' | 'none' | number;
}

export interface Watchdog {
  /** So many times the usual time of a step without a word make a run stalled. */
  readonly factor: number;
  readonly atLeastMs: number;
  readonly action: 'report' | 'retry';
}

/** All relative to the workspace; under a profile or a file in `configs/` they begin with `outputs/{profile or study}/`. */
export interface StudyPaths {
  readonly scripts: ProjectPath;
  readonly outputs: ProjectPath;
  readonly log: ProjectPath;
  readonly report: ProjectPath;
  /** The data manifest, `data/manifest.json`. */
  readonly manifest: ProjectPath;
  /** Where the runbooks go, `docs`. */
  readonly docs: ProjectPath;
}

export type PythonChoice =
  /** `shared`: the packages lie in the user's cache folder, once for all workspaces. */
  | {readonly kind: 'venv'; readonly directory: ProjectPath; readonly packages?: 'shared'}
  | {readonly kind: 'interpreter'; readonly path: string};

export interface Dataset {
  readonly name: string;
  readonly path: ProjectPath;
  readonly origin:
    | {readonly kind: 'file'}
    | {readonly kind: 'builder'; readonly source: string; readonly rawFile?: ProjectPath; readonly tiers: readonly string[]};
  readonly timescale: string;
  /** The trading week; absent where it is the usual one, Monday to Friday. */
  readonly calendar?: string;
  readonly md5?: string;
  /** Columns that must be there, beside those the experiments read. */
  readonly columns: readonly string[];
  readonly minRows: number;
  /** Keep only the last so many rows (after the indicators' warm-up). */
  readonly keepRows?: number;
  /** How many missing values are tolerated in the columns that are read. */
  readonly maxNan: number;
  readonly span: Span;
}

export interface Budget {
  readonly name: string;
  readonly params: number;
  readonly tolerance: number;
  readonly trialMs?: number;
  readonly trainingMs?: number;
  readonly span: Span;
}

export interface Phase {
  readonly name: string;
  readonly title: string;
  readonly dataset: string;
  readonly experiments: readonly string[];
  /** The first selected study of each budget runs before the others of that budget. */
  readonly canary?: 'budget';
  readonly span: Span;
}

/** A value of the flat parameter record, with where it came from, for `why --params`. */
export interface Parameter {
  readonly value: Json;
  /** Which layer set it: `built-in`, `defaults`, `phase phase6a`, `point`, `case NAME`, `profile smoke`, `budget 2M`, `tier a20`, ... */
  readonly from: string;
  readonly span?: Span;
}

/** Flat and in code-unit order of the names; docs/design.md, "Parameters", lists them. */
export type ParameterRecord = ReadonlyMap<string, Parameter>;

export interface Identity {
  readonly experiment: string;
  readonly phase: string;
  readonly budget: string;
  readonly task: string;
  readonly horizon: number;
  readonly timescale: string;
  readonly tier: string;
  readonly data: string;
}

export interface Experiment {
  readonly name: string;
  /** The name without the leading `{phase}_` where it has one: what script files are called after. */
  readonly shortName: string;
  readonly phase: string;
  readonly identity: Identity;
  /** Every dimension of the point, matrix dimensions first, as text: what `--only` and `--except` match. */
  readonly dims: ReadonlyMap<string, string>;
  readonly dataset: Dataset;
  readonly budget: Budget;
  readonly source: ParameterSource;
  readonly training: TrainingPlan;
  readonly checks: readonly Check[];
  readonly asserts: readonly Assertion[];
  /** Modules that the study adds to the code of its searches and trainings. */
  readonly code: readonly CodeModule[];
  readonly span: Span;
}

export interface CodeModule {
  /** Dotted. */
  readonly module: string;
  readonly span: Span;
}

/** Where an experiment's best parameters come from. */
export type ParameterSource =
  /** Nothing is searched: every parameter stands in the record of the training. */
  | {readonly kind: 'record'}
  | {
      readonly kind: 'study';
      /** The slice that the search takes: part of its key. */
      readonly record: ParameterRecord;
      /** How much, not what: `trials`, `timeout_hours`. Never part of a key. */
      readonly extent: ParameterRecord;
      readonly acceptPartial: boolean;
      /** For the plan: the number of architectures within the budget, and what else varies. */
      readonly searchSummary: SearchSummary;
    }
  | {
      readonly kind: 'borrow';
      readonly method: BorrowMethod;
      /** Experiment names, in the order of the file; each has a study of its own. */
      readonly from: readonly BorrowSource[];
      /** Names of every searched parameter, with its scale: what a complete `params` holds. */
      readonly searched: ReadonlyMap<string, Scale>;
      readonly acceptPartial: boolean;
    };

export type BorrowMethod = 'interpolate' | 'copy' | 'nearest' | 'mean';
export type Scale = 'linear' | 'log' | 'choice' | 'architecture' | WholeNumbers;

/** Those of a range: `low`, `low + step`, ... up to `high`. */
// A type, not an interface: only so it counts as JSON.
export type WholeNumbers = {readonly low: number; readonly high: number; readonly step: number};

export interface BorrowSource {
  readonly experiment: string;
  /** Share in the interpolation or mean; all of them sum to 1. */
  readonly weight: number;
  /** How far its task is, in percentage points: the nearest one gives what cannot be averaged. */
  readonly distance: number;
  readonly identity: Identity;
}

export interface SearchSummary {
  readonly configurations: number;
  readonly shapes: number;
  readonly varies: readonly string[];
}

export interface TrainingPlan {
  /** The slice that a training takes, without the seed. */
  readonly record: ParameterRecord;
  /** Empty in a phase that only searches. */
  readonly seeds: readonly number[];
}

/** A condition on a node's results after it ran, e.g. `prediction_std > 0.01`. */
export interface Check {
  readonly expression: string;
  readonly severity: 'fail' | 'warn';
  readonly span: Span;
}

/** A condition before anything is spent, e.g. `val.windows >= 300`. */
export interface Assertion {
  readonly expression: string;
  readonly span: Span;
}
