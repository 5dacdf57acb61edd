// Settles which architectures an experiment may have within its budget. Pure.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import type {JsonObject} from '../base/json.ts';
import {architecturesWithin, isWithin, parameterCount} from './architecture.ts';
import type {Architecture, Fitting, Grid, ModelInput} from './architecture.ts';
import type {Fixed, NamedShape, Searched} from './layer.ts';
import type {Settings} from './merge.ts';
import {architectureNames} from './slices.ts';
import type {Budget} from './study.ts';

export interface FitContext {
  readonly phase: {readonly name: string; readonly span: Span};
  readonly budget: Budget;
  readonly input: ModelInput;
  readonly shape: NamedShape | undefined;
  /** Results by everything that they depend on: a study of thousands of experiments has few different ones. */
  readonly memo: Map<string, Fitting>;
}

export interface Fit {
  /** As the record holds it; null where the architecture is fixed. */
  readonly grid: (JsonObject & Grid) | null;
  readonly architectures: readonly Architecture[];
  readonly shapes: number;
  readonly from: string;
  readonly span?: Span;
}

export function findArchitecture(settings: Settings, context: FitContext, problems: Diagnostic[]): Fit | undefined {
  const parts = architectureNames.map((name) => settings.get(name));
  const missing = architectureNames.filter((name) => !settings.has(name));
  if (missing.length > 0) {
    problems.push(lacking(missing, parts, context.phase));
    return undefined;
  }
  const fixed = parts.flatMap((part) => (part?.kind === 'fixed' ? [part] : []));
  return fixed.length === parts.length ? fitFixed(fixed, context, problems) : fitGrid(parts, context, problems);
}

function lacking(missing: readonly string[], parts: readonly (Fixed | Searched | undefined)[], phase: FitContext['phase']): Diagnostic {
  const known = parts.find((part) => part !== undefined);
  const what =
    missing.length === architectureNames.length
      ? `phase "${phase.name}" has no architecture`
      : `the architecture lacks ${missing.join(', ')}`;
  const help = 'Search it under hpo.search.architecture, or fix d_model, n_layers, n_heads and ff_ratio.';
  return problem('FTS221', what, {span: known?.span ?? phase.span, help});
}

function fitFixed(parts: readonly Fixed[], context: FitContext, problems: Diagnostic[]): Fit | undefined {
  const [dModel = 0, nLayers = 0, nHeads = 0, ffRatio = 0] = parts.map((part) => Number(part.value));
  const from = parts[0]?.from ?? 'built-in';
  const isShape = context.shape !== undefined && from === `shape ${context.shape.name}`;
  const span = isShape ? context.shape.span : parts[0]?.span;
  const where = {...(span && {span}), ...(isShape && parts[0]?.span && {see: [{span: parts[0].span, note: 'the shape'}]})};
  const subject = isShape
    ? `shape "${context.shape.name}"`
    : `the architecture d_model ${dModel}, n_layers ${nLayers}, ff_ratio ${ffRatio}`;
  const count = parameterCount({...context.input, dModel, nLayers, ffRatio});
  if (dModel % nHeads !== 0)
    problems.push(
      problem('FTS223', `${subject} has ${nHeads} heads, which do not divide its width ${dModel}`, {
        ...where,
        help: 'Choose a number of heads that divides d_model.',
      }),
    );
  else if (!isWithin(count, context.budget))
    problems.push(problem('FTS222', `${subject} has ${grouped(count)} parameters with ${outside(context)}`, {...where, help: budgetHelp}));
  else return {grid: null, architectures: [{dModel, nLayers, nHeads, ffRatio}], shapes: 1, from, ...(span && {span})};
  return undefined;
}

function fitGrid(parts: readonly (Fixed | Searched | undefined)[], context: FitContext, problems: Diagnostic[]): Fit | undefined {
  const [d_model = [], n_layers = [], n_heads = [], ff_ratio = []] = parts.map(axisOf);
  const grid = {d_model, n_layers, n_heads, ff_ratio};
  const fitting = recall(grid, context);
  const searched = parts.find((part) => part?.kind === 'searched');
  const span = searched?.span;
  if (fitting.architectures.length > 0)
    return {grid, architectures: fitting.architectures, shapes: fitting.shapes, from: searched?.from ?? 'built-in', ...(span && {span})};
  const nearest =
    fitting.nearest === undefined
      ? 'no number of heads divides a width'
      : `the nearest has ${grouped(fitting.nearest)} parameters with ${outside(context)}`;
  problems.push(
    problem('FTS222', `no architecture of the grid fits: ${nearest}`, {...(span && {span}), see: budgetPlace(context), help: budgetHelp}),
  );
  return undefined;
}

const budgetHelp = 'Change its numbers, or give the budget another size or tolerance.';

function budgetPlace({budget}: FitContext): readonly {readonly span: Span; readonly note: string}[] {
  return [{span: budget.span, note: `budget ${budget.name}`}];
}

function axisOf(part: Fixed | Searched | undefined): readonly number[] {
  if (part?.kind === 'searched') return part.space.kind === 'grid' ? part.space.values : [];
  return part === undefined ? [] : [Number(part.value)];
}

function recall(grid: Grid, {input, budget, memo}: FitContext): Fitting {
  const key = JSON.stringify([grid, input, budget.params, budget.tolerance]);
  const known = memo.get(key);
  if (known !== undefined) return known;
  const fitting = architecturesWithin(grid, input, budget);
  memo.set(key, fitting);
  return fitting;
}

function outside({input, budget}: FitContext): string {
  const low = Math.ceil(budget.params * (1 - budget.tolerance));
  const high = Math.floor(budget.params * (1 + budget.tolerance));
  return `${input.features} features, outside budget ${budget.name}: ${grouped(low)} to ${grouped(high)} are allowed`;
}

function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
