// Settles where an experiment without a study gets its parameters from. Pure: knows experiments by their dimensions only.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {suggestion} from '../base/suggest.ts';
import type {Draft} from './draft.ts';
import {dimensionText, matches} from './filter.ts';
import type {Filter} from './filter.ts';
import type {BorrowRule} from './phase.ts';
import type {PlacedPoint} from './points.ts';
import {fill} from './template.ts';
import type {ParameterSource, Scale} from './study.ts';
import {distanceBetween, weigh} from './weights.ts';

/** The experiments of one phase, by their dimensions and by name. */
export interface Neighbours {
  readonly byDims: ReadonlyMap<string, Draft>;
  /** What became of every point that is no experiment: it was left out, or something is wrong with it. */
  readonly lost: ReadonlyMap<string, 'left out' | 'wrong'>;
  readonly names: readonly string[];
  /** Sources that were found wanting once: a rule is wrong for all its experiments or, near enough, for none. */
  readonly reported: Set<Filter>;
}

export interface Surroundings {
  readonly points: readonly PlacedPoint[];
  /** Those that neither the profile nor an exclusion leaves out. */
  readonly kept: readonly PlacedPoint[];
  /** Sources that were complained about already. */
  readonly doubtful: readonly Filter[];
}

export function neighboursOf(drafts: readonly Draft[], {points, kept, doubtful}: Surroundings): Neighbours {
  const lost = new Map<string, 'left out' | 'wrong'>(points.map(({dims}) => [dimsKey(dims), 'left out']));
  for (const {dims} of kept) lost.set(dimsKey(dims), 'wrong');
  return {
    lost,
    byDims: new Map(drafts.map((draft) => [dimsKey(draft.placed.dims), draft])),
    names: drafts.map((draft) => draft.name),
    reported: new Set(doubtful),
  };
}

/** Undefined where the rules name nothing to borrow from; why is among the problems. */
export function settleBorrow(draft: Draft, neighbours: Neighbours, problems: Diagnostic[]): ParameterSource | undefined {
  const rule = findRule(draft);
  if (rule === undefined) {
    const help = 'Add a rule under hpo.borrow whose "for" matches it, or do not skip it.';
    problems.push(problem('FTS230', `${draft.name} has no study (hpo.skip) and nothing to borrow from`, {span: skipSpan(draft), help}));
    return undefined;
  }
  const sources = rule.from.map((change) => findSource(draft, change, {rule, neighbours, problems}));
  const found = sources.flatMap((source) => source ?? []);
  if (found.length < sources.length) return undefined;
  const weighed = weigh(draft, found, rule);
  if (typeof weighed === 'string') {
    problems.push(problem('FTS234', `${draft.name} cannot be ${verbs[rule.method]}: ${weighed}`, {span: rule.span, help: methodHelp}));
    return undefined;
  }
  const wrong = findMismatch(draft, found);
  if (wrong !== undefined)
    problems.push(
      problem('FTS235', wrong, {span: rule.span, help: 'Borrow within the same budget, from a study with the same search space.'}),
    );
  return {
    kind: 'borrow',
    method: rule.method,
    from: weighed.map(({draft: source, weight}) => ({
      experiment: source.name,
      weight,
      distance: distanceBetween(draft, source),
      identity: source.identity,
    })),
    searched: searchedBy(draft),
    acceptPartial: draft.phase.acceptPartial,
  };
}

const verbs = {interpolate: 'interpolated', copy: 'copied', nearest: 'taken from the nearest', mean: 'averaged'} as const;

const methodHelp = 'Choose another method (copy: one source; interpolate: two, one on each side; nearest, mean: any), or other sources.';

// Rules are in file order; the first one that matches counts.
function findRule(draft: Draft): BorrowRule | undefined {
  return draft.phase.borrow.find((rule) => matches(rule.for, draft.placed.dims));
}

function skipSpan(draft: Draft): Filter['span'] {
  return (draft.phase.skip.find((filter) => matches(filter, draft.placed.dims)) ?? draft.phase).span;
}

interface Search {
  readonly rule: BorrowRule;
  readonly neighbours: Neighbours;
  readonly problems: Diagnostic[];
}

function findSource(draft: Draft, change: Filter, {rule, neighbours, problems}: Search): Draft | undefined {
  const source = neighbours.byDims.get(dimsKey(changed(draft, change)));
  if (source !== undefined && !source.isSkipped && source.study !== undefined) return source;
  if (neighbours.reported.has(change)) return undefined;
  neighbours.reported.add(change);
  if (source === undefined) {
    problems.push(...missingSource(draft, change, neighbours));
    return undefined;
  }
  const circle = findCircle(draft, neighbours);
  if (circle !== undefined) problems.push(circleProblem(circle, change, neighbours));
  else {
    const see = [{span: rule.span, note: `the rule for ${draft.name}`}];
    problems.push(
      problem(
        'FTS233',
        `${draft.name} borrows from ${source.name}, which ${source.isSkipped ? 'has no study of its own' : 'searches nothing'}`,
        {
          span: change.span,
          see,
          help: `Borrow from the study itself, or give ${source.name} one.`,
        },
      ),
    );
  }
  return undefined;
}

// Every source on the circle is a part of this one mistake.
function circleProblem(circle: readonly Draft[], change: Filter, {reported}: Neighbours): Diagnostic {
  const others = circle.flatMap((draft) => findRule(draft)?.from ?? []).filter((source) => !reported.has(source));
  for (const source of others) reported.add(source);
  const see = [...new Set(others)].map(({span}) => ({span, note: 'borrowed here'}));
  const names = circle.map(({name}) => name).join(' -> ');
  return problem('FTS232', `borrowing goes in a circle: ${names}`, {span: change.span, see, help: 'Give one of them a study of its own.'});
}

function changed(draft: Draft, change: Filter): ReadonlyMap<string, string> {
  const dims = new Map(draft.placed.dims);
  for (const [name, {values}] of change.wanted) {
    const [value] = values;
    if (value !== undefined) dims.set(name, dimensionText(value));
  }
  return dims;
}

// The timescale follows from the dataset, so it is no part of what tells two points of a phase apart.
function dimsKey(dims: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [name, text] of dims) if (name !== 'timescale') parts.push(name, text);
  return JSON.stringify(parts);
}

function missingSource(draft: Draft, change: Filter, {names, lost}: Neighbours): readonly Diagnostic[] {
  const dims = changed(draft, change);
  const wanted = fill(draft.phase.template, dims);
  const fate = lost.get(dimsKey(dims));
  if (fate === 'wrong') return [];
  const absence = fate === 'left out' ? 'is excluded, or left out by the profile' : 'does not exist';
  const help = suggestion(wanted, names, 'Experiments of this phase');
  return [problem('FTS231', `${draft.name} borrows from ${wanted}, which ${absence}`, {span: change.span, help})];
}

// Follows the first source that borrows itself, until that leads back or to an end.
function findCircle(start: Draft, {byDims}: Neighbours): readonly Draft[] | undefined {
  const way = [start];
  for (let here = nextBorrower(start, byDims); here !== undefined; here = nextBorrower(here, byDims)) {
    const before = way.indexOf(here);
    way.push(here);
    if (before >= 0) return way.slice(before);
  }
  return undefined;
}

function nextBorrower(draft: Draft, byDims: Neighbours['byDims']): Draft | undefined {
  const sources = (findRule(draft)?.from ?? []).map((change) => byDims.get(dimsKey(changed(draft, change))));
  return sources.find((source) => source?.isSkipped === true);
}

function searchedBy({study}: Draft): ReadonlyMap<string, Scale> {
  return study?.searched ?? new Map<string, Scale>();
}

function findMismatch(draft: Draft, sources: readonly Draft[]): string | undefined {
  const isSearched = searchedBy(draft).has('d_model');
  const other = isSearched ? sources.find((source) => source.budget.name !== draft.budget.name) : undefined;
  if (other !== undefined) return `${draft.name} cannot take its architecture from ${other.name}: that one has another budget`;
  for (const name of searchedBy(draft).keys()) {
    if (!sources.some((source) => searchedBy(source).has(name))) return `${draft.name} needs "${name}", which none of its sources searches`;
  }
  return undefined;
}
