// Which parameters exist, which rule takes each of them, and what each is where nobody says. docs/design.md, "Parameters".
import type {Json} from '../base/json.ts';
import {sorted} from '../base/order.ts';

/** The rules whose work parameters decide. */
export type Taker = 'hpo' | 'training';

export interface ParameterKind {
  readonly name: string;
  /** Both rules take a `common` one; where it is written inside `hpo:` or `training:` it holds for that rule only. */
  readonly scope: 'common' | 'hpo' | 'training';
  /** Undefined: there is no built-in value. */
  readonly builtIn: Json | undefined;
  /** What a search may draw it from; undefined where it cannot be searched. */
  readonly searchable?: Domain;
  /** Whether it may be written inside `hpo:` and `training:`, to differ between the two. */
  readonly perRule: boolean;
}

/** Values that make sense; the schema says the same of fixed ones, and a test compares the two. */
export type Domain =
  | {readonly of: 'numbers' | 'whole numbers'; readonly low: number; readonly high: number; readonly without?: 'low' | 'high'}
  | {readonly of: 'texts'; readonly texts: readonly string[]};

const share: Domain = {of: 'numbers', low: 0, high: 1, without: 'high'};
const positive: Domain = {of: 'numbers', low: 0, high: Infinity, without: 'low'};
const nonNegative: Domain = {of: 'numbers', low: 0, high: Infinity};
const wholeFromOne: Domain = {of: 'whole numbers', low: 1, high: Infinity};
const wholeFromZero: Domain = {of: 'whole numbers', low: 0, high: Infinity};

export const architectureNames = ['d_model', 'n_layers', 'n_heads', 'ff_ratio'] as const;
export type ArchitectureName = (typeof architectureNames)[number];

export function isArchitectureName(name: string): name is ArchitectureName {
  return (architectureNames as readonly string[]).includes(name);
}

const kinds: readonly ParameterKind[] = [
  input('context', 60),
  input('patch.length', 10),
  input('patch.stride', 5),
  input('split.mode', 'scattered'),
  input('split.block', 180),
  input('split.validation', 0.15),
  input('split.test', 0.15),
  input('split.embargo', 0),
  input('split.seed', 42),
  input('split.validation_from', null),
  input('split.validation_to', null),
  input('split.test_from', null),
  input('split.test_to', null),
  input('split.min_windows', 300),
  input('split.min_positives', 10),
  input('d_model', undefined),
  input('n_layers', undefined),
  input('n_heads', undefined),
  input('ff_ratio', undefined),
  recipe('dropout', 0.1, share),
  recipe('head_dropout', 0, share),
  recipe('learning_rate', 3e-4, positive),
  recipe('weight_decay', 0.01, nonNegative),
  recipe('warmup', 0.1, {of: 'numbers', low: 0, high: 1}),
  recipe('batch_size', 64, wholeFromOne),
  recipe('epochs', 50, wholeFromOne),
  recipe('patience', 0, wholeFromZero),
  recipe('grad_clip', 1, nonNegative),
  recipe('loss', 'bce', {of: 'texts', texts: ['bce', 'focal']}),
  recipe('focal_gamma', 2, nonNegative),
  machine('threads', 1),
  machine('precision', 'auto'),
  machine('device', 'auto'),
  // Written beside the common ones, but a training has `seeds` of its own.
  {name: 'seed', scope: 'hpo', builtIn: 42, perRule: true},
  ofStudy('subset', 1),
  ofStudy('objective.metric', 'val_loss'),
  ofStudy('objective.goal', undefined),
  ofStudy('pruner', 'median'),
  ofStudy('startup_trials', 10),
  ofStudy('trials', 50),
  ofStudy('timeout', null),
  {name: 'seeds', scope: 'training', builtIn: undefined, perRule: true},
];

function input(name: string, builtIn: Json | undefined): ParameterKind {
  return {name, scope: 'common', builtIn, perRule: false};
}

function recipe(name: string, builtIn: Json, searchable: Domain): ParameterKind {
  return {name, scope: 'common', builtIn, searchable, perRule: true};
}

function machine(name: string, builtIn: Json): ParameterKind {
  return {name, scope: 'common', builtIn, perRule: true};
}

function ofStudy(name: string, builtIn: Json | undefined): ParameterKind {
  return {name, scope: 'hpo', builtIn, perRule: true};
}

export const parameterKinds: ReadonlyMap<string, ParameterKind> = new Map(kinds.map((kind) => [kind.name, kind]));

/** Groups that are written as a mapping: `patch: {length: 10}` is `patch.length`. */
export const groups: ReadonlySet<string> = new Set(
  kinds.flatMap(({name}) => (name.includes('.') ? [name.slice(0, name.indexOf('.'))] : [])),
);

/** What a point is besides its parameters; each is chosen by name, but for the horizon. */
export const identityNames = ['budget', 'task', 'horizon', 'tier', 'data'] as const;
export type IdentityName = (typeof identityNames)[number];

export function isIdentityName(name: string): name is IdentityName {
  return (identityNames as readonly string[]).includes(name);
}

/** Names derived from the identity, in the slices of both rules. */
const derived = ['data.path', 'features', 'task.kind', 'task.pct', 'horizon', 'budget.params', 'budget.tolerance'];
const common = kinds.filter((kind) => kind.scope === 'common').map((kind) => kind.name);
const extent = ['trials', 'timeout'];
const study = kinds.filter((kind) => kind.scope === 'hpo' && !extent.includes(kind.name)).map((kind) => kind.name);

/** What a search takes: part of its key, but for what docs/design.md leaves out. In code-unit order. */
export const hpoSlice: readonly string[] = sorted([...derived, ...common, ...study, 'search', 'architecture', 'forced']);
/** What a training takes, without its seed. In code-unit order. */
export const trainingSlice: readonly string[] = sorted([...derived, ...common]);
/** How much a search does. */
export const extentSlice: readonly string[] = ['timeout_hours', 'trials'];
