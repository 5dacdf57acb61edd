// Says which settings of a search have no effect where nothing is searched. Pure.
import {problem, warning} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {ranks} from './layer.ts';
import type {Fixed, Forced, Searched} from './layer.ts';
import type {Settings} from './merge.ts';
import type {PhaseText} from './phase.ts';
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

// The seed is the training's, where that has no seeds of its own.
function isOfSearch(name: string, setting: Fixed | Searched, ofTraining: Fixed | Searched | undefined): boolean {
  if (name === 'seed') return false;
  return parameterKinds.get(name)?.scope === 'hpo' || (ofTraining?.kind === 'fixed' && ofTraining.span !== setting.span);
}
