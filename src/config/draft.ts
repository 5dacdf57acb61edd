// One point of a phase, resolved as far as it can be without looking at other points.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Json} from '../base/json.ts';
import {sortedBy} from '../base/order.ts';
import type {Fitting} from './architecture.ts';
import type {DeclaredBudget} from './budgets.ts';
import {matches, matchesAny} from './filter.ts';
import type {Layer} from './layer.ts';
import {conditionsOf, findShape, mergeFor} from './merge.ts';
import type {Settings} from './merge.ts';
import {checkName} from './names.ts';
import {checkPatches} from './patches.ts';
import type {PhaseText} from './phase.ts';
import type {PlacedPoint} from './points.ts';
import {resolveStudy, resolveTraining} from './resolve.ts';
import type {StudyRecords} from './resolve.ts';
import type {Sections} from './sections.ts';
import {checkSplit, impliedSplitValues} from './split-settings.ts';
import {doesNothing, findIdleSearch, findOnePoint} from './idle-search.ts';
import type {Assertion, Budget, Check, CodeModule, Dataset, Identity, Parameter, ParameterRecord, TrainingPlan} from './study.ts';
import type {Task} from './tasks.ts';
import {fill} from './template.ts';

export interface Draft {
  readonly name: string;
  readonly shortName: string;
  readonly phase: PhaseText;
  readonly placed: PlacedPoint;
  readonly identity: Identity;
  readonly dataset: Dataset;
  readonly budget: Budget;
  readonly task: Task;
  readonly isSkipped: boolean;
  /** Undefined where nothing is searched: one training says all there is to say. */
  readonly study: StudyRecords | undefined;
  readonly training: TrainingPlan;
  /** What has no effect where no other experiment of the phase searches. */
  readonly idle: readonly Diagnostic[];
  readonly checks: readonly Check[];
  readonly asserts: readonly Assertion[];
  readonly code: readonly CodeModule[];
}

export interface DraftContext {
  readonly phase: PhaseText;
  /** Weakest first: those below the phase, and those above every point. */
  readonly below: readonly Layer[];
  readonly above: readonly Layer[];
  readonly sections: Sections;
  readonly memo: Map<string, Fitting>;
  readonly problems: Diagnostic[];
}

/** Undefined where a part of the point is wrong; what, is among the problems, here or where that part is declared. */
export function draftExperiment(placed: PlacedPoint, context: DraftContext): Draft | undefined {
  const {phase, sections, problems} = context;
  const parts = findParts(placed, sections);
  const name = nameOf(placed, context);
  if (parts === undefined || name === undefined) return undefined;
  const {dataset, declared, task, columns} = parts;
  const {budget} = declared;
  const layers = layersOf(placed, declared, context);
  const settings = mergeFor('hpo', layers, sections.shapes);
  const forTraining = mergeFor('training', layers, sections.shapes);
  const identity = identityOf(name, placed.dims);
  if (!isBuilt(parts, placed, problems)) return undefined;
  problems.push(...checkSplit(settings, {dataset, horizon: identity.horizon, span: phase.span}));
  const derived = derive(parts, {settings, placed, phase});
  const input = {
    features: columns.length,
    context: numberOf(settings, 'context'),
    patchLength: numberOf(settings, 'patch.length'),
    patchStride: numberOf(settings, 'patch.stride'),
  };
  const fitting = {phase, budget, input, shape: findShape(layers), memo: context.memo};
  problems.push(...checkPatches(settings, {context: input.context, length: input.patchLength, stride: input.patchStride}, phase.span));
  // Nothing can be counted then.
  if (input.patchLength > input.context) return undefined;
  const forced = layers.findLast((layer) => layer.forced !== undefined)?.forced;
  const study = resolveStudy({settings, derived, forced, fitting, problems});
  if (study === undefined) return undefined;
  const isArchitectureFixed = study.record.get('architecture')?.value === null;
  const record = resolveTraining(forTraining, derived, isArchitectureFixed ? 'fixed' : 'searched');
  const shared = {
    ...{name, phase, placed, identity, dataset, budget, task},
    shortName: name.startsWith(`${phase.name}_`) ? name.slice(phase.name.length + 1) : name,
    ...conditionsOf(layers),
  };
  const seeds = phase.training === 'none' ? [] : seedsOf(forTraining);
  if (study.searchSummary.varies.length > 0) {
    problems.push(...findOnePoint(name, settings, study));
    return {...shared, study, idle: [], isSkipped: matchesAny(phase.skip, placed.dims), training: {record, seeds}};
  }
  if (seeds.length === 0) problems.push(doesNothing(name, phase));
  return {
    ...shared,
    study: undefined,
    idle: findIdleSearch({phase, settings, forTraining, forced}),
    isSkipped: false,
    training: {record: withFixed(record, forTraining, study), seeds},
  };
}

// What only the search was given a value for is not searched either.
function withFixed(record: ParameterRecord, forTraining: Settings, study: StudyRecords): ParameterRecord {
  const searched = [...study.record].filter(([name]) => forTraining.get(name)?.kind === 'searched');
  return new Map(sortedBy([...record, ...searched], ([name]) => name));
}

interface Parts {
  readonly dataset: Dataset;
  readonly declared: DeclaredBudget;
  readonly task: Task;
  readonly tier: string;
  readonly columns: readonly string[];
}

function findParts({dims}: PlacedPoint, {datasets, budgets, tasks, tiers}: Sections): Parts | undefined {
  const named = (dimension: string): string => dims.get(dimension) ?? '';
  const [dataset, declared, task] = [datasets.get(named('data')), budgets.get(named('budget')), tasks.get(named('task'))];
  const columns = tiers.get(named('tier'));
  if (dataset === undefined || declared === undefined || task === undefined || columns === undefined) return undefined;
  return {dataset, declared, task, tier: named('tier'), columns};
}

function nameOf({dims}: PlacedPoint, {phase, problems}: DraftContext): string | undefined {
  const name = fill(phase.template, dims);
  const wrong = checkName(name, 'an experiment', phase.template.span);
  if (wrong !== undefined) problems.push(wrong);
  return wrong === undefined ? name : undefined;
}

function layersOf(placed: PlacedPoint, {model}: DeclaredBudget, {phase, below, above}: DraftContext): readonly Layer[] {
  const cases = phase.cases.filter((one) => matches(one.when, placed.dims)).map((one) => one.layer);
  return [...below, phase.layer, ...(model === undefined ? [] : [model]), placed.layer, ...cases, ...above];
}

function identityOf(experiment: string, dims: ReadonlyMap<string, string>): Identity {
  const text = (name: string): string => dims.get(name) ?? '';
  const [phase, budget, task, tier] = [text('phase'), text('budget'), text('task'), text('tier')];
  return {experiment, phase, budget, task, horizon: Number(text('horizon')), timescale: text('timescale'), tier, data: text('data')};
}

function isBuilt({dataset, tier}: Parts, {identity}: PlacedPoint, problems: Diagnostic[]): boolean {
  const {origin} = dataset;
  const span = identity.get('tier')?.span;
  if (origin.kind === 'file' || origin.tiers.includes(tier) || span === undefined) return true;
  const help = `Add "${tier}" to its tiers; it has ${origin.tiers.join(', ')}.`;
  problems.push(
    problem('FTS210', `dataset "${dataset.name}" is not built with tier "${tier}"`, {
      span,
      see: [{span: dataset.span, note: 'the dataset'}],
      help,
    }),
  );
  return false;
}

interface Deriving {
  readonly settings: Settings;
  readonly placed: PlacedPoint;
  readonly phase: PhaseText;
}

function derive(parts: Parts, {settings, placed, phase}: Deriving): ReadonlyMap<string, Parameter> {
  const {dataset, declared, task, tier, columns} = parts;
  const {budget} = declared;
  const horizon = Number(placed.dims.get('horizon'));
  const entries: [string, Json, Omit<Parameter, 'value'>][] = [
    ['data.path', dataset.path, {from: `data ${dataset.name}`, span: dataset.span}],
    ['features', columns, {from: `tier ${tier}`}],
    ['task.kind', task.kind, {from: `task ${task.name}`, span: task.span}],
    ['task.pct', task.pct, {from: `task ${task.name}`, span: task.span}],
    ['horizon', horizon, originOfHorizon(placed, phase)],
    ['budget.params', budget.params, {from: `budget ${budget.name}`, span: budget.span}],
    ['budget.tolerance', budget.tolerance, {from: `budget ${budget.name}`, span: budget.span}],
  ];
  const implied = impliedSplitValues(settings, horizon);
  return new Map([...entries.map(([name, value, where]) => [name, {value, ...where}] as const), ...implied]);
}

function originOfHorizon({identity, point}: PlacedPoint, phase: PhaseText): Omit<Parameter, 'value'> {
  const chosen = identity.get('horizon');
  if (chosen === undefined) return {from: 'built-in'};
  if (chosen === point.values.get('horizon')) return {from: 'point', span: chosen.span};
  return {from: chosen === phase.identity.get('horizon') ? phase.layer.label : 'defaults', span: chosen.span};
}

function numberOf(settings: Settings, name: string): number {
  const setting = settings.get(name);
  if (setting?.kind !== 'fixed') throw new Error(`unreachable: "${name}" is built in and cannot be searched`);
  return Number(setting.value);
}

// Without seeds of its own a training has the study's.
function seedsOf(settings: Settings): readonly number[] {
  const seeds = settings.get('seeds');
  if (seeds?.kind === 'fixed' && Array.isArray(seeds.value)) return seeds.value.map(Number);
  return [numberOf(settings, 'seed')];
}
