// Expands the phases of a configuration into experiments. Pure.
import {hasErrors, problem, warning} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Fitting} from './architecture.ts';
import {neighboursOf, settleBorrow} from './borrow.ts';
import type {Neighbours} from './borrow.ts';
import {draftExperiment} from './draft.ts';
import type {Draft} from './draft.ts';
import {checkFilter, matches} from './filter.ts';
import type {Filter, Universe} from './filter.ts';
import type {Layer} from './layer.ts';
import {checkShapeOf} from './merge.ts';
import {foldName} from './names.ts';
import type {Identity, PhaseText} from './phase.ts';
import {checkReferences, placePoints, universeOf, withoutExcluded} from './points.ts';
import type {PlacedPoint} from './points.ts';
import {checkShapeReference} from './sections.ts';
import type {Sections} from './sections.ts';
import type {Experiment, ParameterSource} from './study.ts';
import {checkTemplate} from './template.ts';

export interface ExpandContext {
  readonly builtIn: Layer;
  readonly defaults: {readonly identity: Identity; readonly layer: Layer};
  readonly profile: {readonly name: string; readonly layer: Layer; readonly only: Filter | undefined} | undefined;
  readonly sections: Sections;
  /** False where a phase could not be read: what is missing then may be what others speak of. */
  readonly hasEveryPhase: boolean;
  /** Where the schema took values out; what is missing there is not missed again. */
  readonly suspect: ReadonlySet<string>;
  readonly problems: Diagnostic[];
}

/** In file order; a phase of which the profile leaves nothing is empty. */
export function expand(phases: readonly PhaseText[], context: ExpandContext): readonly Experiment[] {
  const {profile, defaults, sections, problems} = context;
  const above = profile === undefined ? [] : [profile.layer];
  for (const layer of [defaults.layer, ...above]) problems.push(...checkLayer(layer, sections));
  const placed = phases.map((phase) => ({phase, points: placePhase(phase, context)}));
  const {only} = profile ?? {};
  // Where points are missing, so may be what it asks for.
  const isPlaced = placed.every(({phase, points}) => points.length === phase.points.length && !isDoubtful(phase, context));
  if (only !== undefined && context.hasEveryPhase && placed.length > 0 && isPlaced)
    problems.push(...checkFilter(only, universeOf(placed.flatMap(({points}) => points)), 'FTS203'));
  const memo = new Map<string, Fitting>();
  const experiments = placed.flatMap(({phase, points}) => expandPhase(phase, points, {context, above, memo}));
  problems.push(...findEqualNames(experiments));
  return experiments;
}

// Of a phase that the schema took something out of, only what is there is checked: the rest would be complaints about what was taken.
function placePhase(phase: PhaseText, context: ExpandContext): readonly PlacedPoint[] {
  if (!isDoubtful(phase, context)) return placePoints({...context, phase});
  checkReferences({...context, phase});
  return [];
}

function isDoubtful({name}: PhaseText, {suspect, profile}: ExpandContext): boolean {
  return ['defaults', 'shapes', `phases.${name}`, `profiles.${profile?.name ?? ''}`].some((place) => suspect.has(place));
}

interface PhaseContext {
  readonly context: ExpandContext;
  readonly above: readonly Layer[];
  readonly memo: Map<string, Fitting>;
}

function expandPhase(phase: PhaseText, points: readonly PlacedPoint[], {context, above, memo}: PhaseContext): readonly Experiment[] {
  const {builtIn, defaults, profile, sections, problems} = context;
  const universe = universeOf(points);
  const wrong = checkPhase(phase, universe, sections);
  // A filter with a misspelt value applies to nothing: that is said already.
  problems.push(...(wrong.length > 0 ? wrong : findIdle(phase, points)));
  // Without a sound template every name would be wrong as well.
  if (wrong.some(({code}) => code === 'FTS207')) return [];
  const {only} = profile ?? {};
  const wanted = only === undefined ? points : points.filter(({dims}) => matches(only, dims));
  const kept = withoutExcluded(wanted, phase);
  const drafting = {phase, below: [builtIn, defaults.layer], above, sections, memo, problems};
  const drafts = kept.flatMap((one) => draftExperiment(one, drafting) ?? []);
  if (drafts.every(({study}) => study === undefined)) problems.push(...drafts.flatMap(({idle}) => idle));
  // A skip or a rule that is wrong itself would leave experiments without a source.
  if (hasErrors(wrong)) return [];
  const doubtful = phase.borrow.flatMap((rule) => rule.from).filter((change) => checkFilter(change, universe, 'FTS231').length > 0);
  return settle(neighboursOf(drafts, {points, kept, doubtful}), drafts, problems);
}

function checkPhase(phase: PhaseText, universe: Universe, sections: Sections): readonly Diagnostic[] {
  // Without a single sound point every filter would complain that it matches nothing.
  if (universe.size === 0) return [];
  const filters = [...phase.exclude, ...phase.skip, ...phase.cases.map((one) => one.when), ...phase.borrow.map((rule) => rule.for)];
  return [
    ...[phase.layer, ...phase.cases.map((one) => one.layer)].flatMap((layer) => checkLayer(layer, sections)),
    ...filters.flatMap((filter) => checkFilter(filter, universe, 'FTS203')),
    ...phase.borrow.flatMap((rule) => rule.from).flatMap((filter) => checkFilter(filter, universe, 'FTS231')),
    ...checkTemplate(phase.template, new Set(universe.keys())),
  ];
}

function checkLayer(layer: Layer, sections: Sections): readonly Diagnostic[] {
  return [...checkShapeReference(layer.shape, sections), ...checkShapeOf(layer, sections.shapes)];
}

/** Cases, exclusions and borrow rules that apply to no point: often a combination that was meant otherwise. */
function findIdle(phase: PhaseText, points: readonly PlacedPoint[]): readonly Diagnostic[] {
  const idle = (filter: Filter): boolean => points.length > 0 && !points.some(({dims}) => matches(filter, dims));
  return [
    ...phase.exclude.filter(idle).map((filter) => warning('FTS209', 'this excludes nothing', {span: filter.span, help: idleHelp})),
    ...phase.cases
      .filter((one) => idle(one.when))
      .map((one) => warning('FTS209', `${one.layer.label} applies to no point`, {span: one.when.span, help: idleHelp})),
    ...phase.borrow
      .filter((rule) => idle(rule.for))
      .map((rule) => warning('FTS209', 'this rule applies to no point', {span: rule.for.span, help: idleHelp})),
  ];
}

const idleHelp = 'Remove it, or correct its combination of values.';

function settle(neighbours: Neighbours, drafts: readonly Draft[], problems: Diagnostic[]): readonly Experiment[] {
  return drafts.flatMap((draft) => {
    const source = draft.isSkipped ? settleBorrow(draft, neighbours, problems) : ownSource(draft);
    return source === undefined ? [] : [experimentOf(draft, source)];
  });
}

function ownSource({study, phase}: Draft): ParameterSource {
  if (study === undefined) return {kind: 'record'};
  const {record, extent, searchSummary} = study;
  return {kind: 'study', record, extent, acceptPartial: phase.acceptPartial, searchSummary};
}

function experimentOf(draft: Draft, source: ParameterSource): Experiment {
  const {name, shortName, phase, identity, placed, dataset, budget, training, checks, asserts, code} = draft;
  return {
    name,
    shortName,
    phase: phase.name,
    identity,
    dims: placed.dims,
    dataset,
    budget,
    source,
    training,
    checks,
    asserts,
    code,
    span: placed.point.span,
  };
}

// Names decide where results lie. On some disks `a` and `A` are one file, so they count as equal.
function findEqualNames(experiments: readonly Experiment[]): readonly Diagnostic[] {
  const first = new Map<string, Experiment>();
  const problems: Diagnostic[] = [];
  for (const experiment of experiments) {
    for (const place of [foldName(experiment.name), foldName(`${experiment.phase}/${experiment.shortName}`)]) {
      const earlier = first.get(place);
      if (earlier === undefined) first.set(place, experiment);
      else if (earlier !== experiment) problems.push(equalNames(experiment, earlier));
    }
  }
  return problems;
}

function equalNames(experiment: Experiment, earlier: Experiment): Diagnostic {
  const differing = [...experiment.dims].filter(([name, text]) => earlier.dims.get(name) !== text).map(([name]) => name);
  const points = [earlier, experiment].map(({dims}) => `{${differing.map((name) => `${name}: ${dims.get(name) ?? 'none'}`).join(', ')}}`);
  const apart =
    differing.length === 0 ? 'the same point is there twice' : `the points ${points.join(' and ')} differ only in what the name leaves out`;
  const help = differing.length === 0 ? 'Remove one of them.' : `Put ${differing.map((name) => `{${name}}`).join(' or ')} into the name.`;
  const see = [{span: earlier.span, note: 'the first one'}];
  return problem('FTS204', `two experiments would be named ${experiment.name}: ${apart}`, {span: experiment.span, see, help});
}
