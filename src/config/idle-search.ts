// Says which settings of a search have no effect where nothing is searched. Pure.
import {problem, warning} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {ranks} from './layer.ts';
import type {Fixed, Forced, Searched} from './layer.ts';
import type {Settings} from './merge.ts';
import type {PhaseText} from './phase.ts';
import type {StudyRecords} from './resolve.ts';
import {parameterKinds} from './slices.ts';

interface Idle {
  readonly phase: PhaseText;
  readonly settings: Settings;
  readonly forTraining: Settings;
  readonly forced: Forced | undefined;
}

/** What is written in a weaker layer than the phase, or in a profile, may serve other phases. */
export function findIdleSearch({phase, settings, forTraining, forced}: Idle): readonly Diagnostic[] {
  const ofPhase = (rank: number): boolean => rank >= ranks.phase && rank < ranks.profile;
  const values = [...settings].filter(([name, setting]) => ofPhase(setting.rank) && isOfSearch(name, setting, forTraining.get(name)));
  const spans = [
    ...values.map(([name, {span}]) => ({name, span})),
    ...(forced !== undefined && ofPhase(forced.rank) ? [{name: 'forced', span: forced.span}] : []),
    ...phase.skip.map(({span}) => ({name: 'skip', span})),
  ];
  return spans.flatMap(({name, span}) =>
    span === undefined
      ? []
      : [warning('FTS227', `"${name}" has no effect: ${phase.name} searches nothing`, {span, help: 'Remove it, or search something.'})],
  );
}

export function doesNothing(experiment: string, {span}: PhaseText): Diagnostic {
  return problem('FTS229', `${experiment} neither searches nor trains`, {
    span,
    help: 'Search something under hpo.search, or remove `training: none`.',
  });
}

/** A search of one configuration: its first trial says all, and the others are that one again. */
export function findOnePoint(experiment: string, settings: Settings, {searchSummary, record, extent}: StudyRecords): readonly Diagnostic[] {
  const {configurations, varies} = searchSummary;
  const {span} = record.get('search') ?? {};
  const place = span ?? record.get('architecture')?.span;
  const trials = extent.get('trials')?.value;
  const count = varies.reduce((points, name) => points * (name === 'architecture' ? configurations : sizeOf(settings.get(name))), 1);
  if (count !== 1 || trials === 1 || place === undefined) return [];
  const help = 'Search more, or fix these values: what searches nothing is trained without a study.';
  return [warning('FTS227', `the search of ${experiment} has one configuration, which each of its trials repeats`, {span: place, help})];
}

// How many values a search may draw for a parameter.
function sizeOf(setting: Fixed | Searched | undefined): number {
  if (setting?.kind !== 'searched') return 1;
  const {space} = setting;
  switch (space.kind) {
    case 'uniform':
    case 'log':
      return Infinity;
    case 'int':
      return Math.floor((space.high - space.low) / space.step) + 1;
    case 'choice':
      return new Set(space.choices).size;
    case 'grid':
      return space.values.length;
  }
}

// The seed is the training's, where that has no seeds of its own.
function isOfSearch(name: string, setting: Fixed | Searched, ofTraining: Fixed | Searched | undefined): boolean {
  if (name === 'seed') return false;
  return parameterKinds.get(name)?.scope === 'hpo' || (ofTraining?.kind === 'fixed' && ofTraining.span !== setting.span);
}
