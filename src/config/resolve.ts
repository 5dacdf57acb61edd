// Settles what one experiment does: its architecture, search space, split and records, from merged settings. Pure.
import {problem, warning} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Json, JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import {parseDuration} from '../base/units.ts';
import {findArchitecture} from './fit.ts';
import type {Fit, FitContext} from './fit.ts';
import {resolveForced} from './forced.ts';
import type {Fixed, Forced, Searched} from './layer.ts';
import type {Settings} from './merge.ts';
import {extentSlice, hpoSlice, isArchitectureName, trainingSlice} from './slices.ts';
import {recordForm, scaleOf} from './space.ts';
import type {Space, When} from './space.ts';
import type {Parameter, ParameterRecord, Scale, SearchSummary} from './study.ts';

export interface StudyRecords {
  readonly record: ParameterRecord;
  readonly extent: ParameterRecord;
  readonly searchSummary: SearchSummary;
  readonly searched: ReadonlyMap<string, Scale>;
}

export interface Unresolved {
  readonly settings: Settings;
  /** What follows from the point itself: features, task, budget, ... */
  readonly derived: ReadonlyMap<string, Parameter>;
  readonly forced: Forced | undefined;
  readonly fitting: FitContext;
  readonly problems: Diagnostic[];
}

/** Undefined where there is no architecture to search or train; why is among the problems. */
export function resolveStudy({settings, derived, forced, fitting, problems}: Unresolved): StudyRecords | undefined {
  const fit = findArchitecture(settings, fitting, problems);
  if (fit === undefined) return undefined;
  const searched = activeSpaces(settings, problems);
  const values = new Map<string, Parameter>([...fixedValues(settings, fit), ...derived, ...objective(settings, problems)]);
  if (!canBeFocal(settings)) dropFocal(values, settings, problems);
  values.set('search', {value: searchForm(searched), ...originOfSearch(settings, searched)});
  values.set('architecture', {value: fit.grid, from: fit.from, ...(fit.grid !== null && fit.span && {span: fit.span})});
  values.set('forced', {
    value: resolveForced({forced, settings, searched, fit, problems}),
    from: forced?.from ?? 'built-in',
    ...(forced && {span: forced.span}),
  });
  const architecture = fit.grid === null ? [] : ['architecture'];
  return {
    record: slice(hpoSlice, values),
    extent: slice(extentSlice, extentOf(settings)),
    searchSummary: {configurations: fit.architectures.length, shapes: fit.shapes, varies: [...architecture, ...searched.keys()]},
    searched: new Map([...Object.keys(fit.grid ?? {}).map((name) => [name, 'architecture'] as const), ...scales(searched)]),
  };
}

export function resolveTraining(
  settings: Settings,
  derived: ReadonlyMap<string, Parameter>,
  architecture: 'fixed' | 'searched',
): ParameterRecord {
  const values = new Map<string, Parameter>();
  for (const [name, setting] of settings) {
    if (setting.kind === 'fixed' && !(architecture === 'searched' && isArchitectureName(name))) values.set(name, setting);
  }
  for (const [name, parameter] of derived) values.set(name, parameter);
  if (!canBeFocal(settings)) values.delete('focal_gamma');
  return slice(trainingSlice, values);
}

function slice(names: readonly string[], values: ReadonlyMap<string, Parameter>): ParameterRecord {
  const record = new Map<string, Parameter>();
  for (const name of names) {
    const value = values.get(name);
    if (value !== undefined) record.set(name, value);
  }
  return record;
}

// Where a grid is searched, its fixed axes are in the grid.
function fixedValues(settings: Settings, fit: Fit): readonly (readonly [string, Fixed])[] {
  return [...settings].flatMap(([name, setting]) => {
    const isInGrid = fit.grid !== null && isArchitectureName(name);
    return setting.kind === 'fixed' && !isInGrid ? [[name, setting] as const] : [];
  });
}

const goals: ReadonlyMap<string, string> = new Map([
  ['val_loss', 'minimize'],
  ['val_auc', 'maximize'],
]);

function objective(settings: Settings, problems: Diagnostic[]): readonly (readonly [string, Parameter])[] {
  const metric = settings.get('objective.metric');
  const written = settings.get('objective.goal');
  if (metric?.kind !== 'fixed') throw new Error('unreachable: a metric is built in');
  const name = typeof metric.value === 'string' ? metric.value : '';
  const goal = goals.get(name) ?? 'minimize';
  if (written?.kind === 'fixed' && written.value !== goal && written.rank >= metric.rank) {
    const message = `${name} is better when it is ${goal === 'minimize' ? 'smaller' : 'larger'}, so its goal is ${goal}`;
    const see = metric.span === undefined ? [] : [{span: metric.span, note: 'the metric'}];
    problems.push(
      problem('FTS228', message, {...(written.span && {span: written.span}), see, help: 'Leave the goal out: it follows from the metric.'}),
    );
  }
  return [['objective.goal', {value: goal, from: metric.from, ...(metric.span && {span: metric.span})}]];
}

function canBeFocal(settings: Settings): boolean {
  const loss = settings.get('loss');
  return loss?.kind === 'searched' ? loss.space.kind === 'choice' && loss.space.choices.includes('focal') : loss?.value === 'focal';
}

function dropFocal(values: Map<string, Parameter>, settings: Settings, problems: Diagnostic[]): void {
  values.delete('focal_gamma');
  const written = settings.get('focal_gamma');
  const loss = settings.get('loss');
  // Written in a weaker layer than the loss it may serve other experiments.
  if (written?.span === undefined || loss === undefined || written.rank < loss.rank) return;
  if (written.kind === 'searched' && written.space.kind !== 'grid' && written.space.when !== undefined) return;
  problems.push(
    warning('FTS227', '"focal_gamma" has no effect: the loss is never focal', {
      span: written.span,
      help: 'Remove it, or search or set loss: focal.',
    }),
  );
}

/** A search space and the condition under which it counts, in code-unit order of the names. */
export type ActiveSpaces = ReadonlyMap<string, {readonly space: Exclude<Space, {kind: 'grid'}>; readonly when: When | undefined}>;

// Conditions on a fixed parameter are settled here: they hold always, or never.
function activeSpaces(settings: Settings, problems: Diagnostic[]): ActiveSpaces {
  const active = new Map<string, {readonly space: Exclude<Space, {kind: 'grid'}>; readonly when: When | undefined}>();
  for (const name of sorted(settings.keys())) {
    const setting = settings.get(name);
    if (setting?.kind !== 'searched' || setting.space.kind === 'grid') continue;
    const {space} = setting;
    const when = space.when ?? impliedCondition(name, setting);
    const verdict = when === undefined ? 'always' : judge(when, name, settings);
    if (verdict === 'always') active.set(name, {space, when: undefined});
    else if (verdict === 'sometimes') active.set(name, {space, when});
    else if (verdict !== 'never') problems.push(problem('FTS225', verdict.wrong, {span: when?.span ?? setting.span, help: whenHelp}));
  }
  return active;
}

const whenHelp = 'Name another parameter that is searched by choice, and one of its choices: when: {loss: focal}.';

function impliedCondition(name: string, setting: Searched): When | undefined {
  return name === 'focal_gamma' ? {name: 'loss', value: 'focal', span: setting.span} : undefined;
}

function judge(when: When, name: string, settings: Settings): 'always' | 'sometimes' | 'never' | {readonly wrong: string} {
  const other = settings.get(when.name);
  if (other === undefined || when.name === name) return {wrong: `"${name}" cannot depend on "${when.name}"`};
  if (other.kind === 'fixed') return other.value === when.value ? 'always' : 'never';
  if (other.space.kind !== 'choice')
    return {wrong: `"${name}" can only depend on a parameter with a list of choices, which "${when.name}" has not`};
  if (other.space.when !== undefined) return {wrong: `"${when.name}" depends on another parameter itself; conditions do not chain`};
  return other.space.choices.includes(when.value) ? 'sometimes' : {wrong: `"${when.name}" is never ${JSON.stringify(when.value)}`};
}

function searchForm(spaces: ActiveSpaces): JsonObject {
  return Object.fromEntries([...spaces].map(([name, {space, when}]) => [name, recordForm(space, when)]));
}

// The strongest layer that has a say in it.
function originOfSearch(settings: Settings, spaces: ActiveSpaces): Omit<Parameter, 'value'> {
  let origin: Searched | undefined;
  for (const name of spaces.keys()) {
    const setting = settings.get(name);
    if (setting?.kind === 'searched' && (origin === undefined || setting.rank > origin.rank)) origin = setting;
  }
  return origin === undefined ? {from: 'built-in'} : {from: origin.from, span: origin.span};
}

function scales(spaces: ActiveSpaces): readonly (readonly [string, Scale])[] {
  return [...spaces].map(([name, {space}]) => [name, scaleOf(space)] as const);
}

const msAnHour = 3_600_000;

function extentOf(settings: Settings): ReadonlyMap<string, Parameter> {
  const trials = settings.get('trials');
  const timeout = settings.get('timeout');
  if (trials?.kind !== 'fixed' || timeout?.kind !== 'fixed') throw new Error('unreachable: the extent is built in');
  return new Map<string, Parameter>([
    ['trials', trials],
    ['timeout_hours', {...timeout, value: hoursOf(timeout.value)}],
  ]);
}

function hoursOf(timeout: Json): number | null {
  const ms = typeof timeout === 'string' ? parseDuration(timeout) : undefined;
  return ms === undefined ? null : ms / msAnHour;
}
