// Lists what is stale, failed, refused or invalid, and what rests on cut searches: everything a reader must not take for a result. Pure.
import {escapeText, formatTable, left, right, shorten} from './markdown.ts';
import type {LogRow} from './log.ts';
import {isPartial, type ReportExperiment, type ResultState} from './report-input.ts';

/** Empty when there is nothing to list. */
export function formatNotCurrent(experiments: readonly ReportExperiment[]): string {
  const rows = experiments.flatMap((experiment) => [...listSource(experiment), ...listTrainings(experiment), ...listPartial(experiment)]);
  return rows.length === 0 ? '' : formatTable(['experiment', 'what', 'state', 'why'].map(left), rows);
}

/** `3 searches, 12 trainings`; empty when nothing is missing. */
export function describeMissing(experiments: readonly ReportExperiment[]): string {
  const lacking = (kind: 'study' | 'borrow'): number =>
    experiments.filter(({planned, source}) => planned.kind === kind && source.at === 'missing').length;
  const trainings = experiments.flatMap((experiment) => experiment.seeds.filter(({training}) => training.at === 'missing')).length;
  const counts = [
    {count: lacking('study'), one: 'search', many: 'searches'},
    {count: lacking('borrow'), one: 'borrowed parameter set', many: 'borrowed parameter sets'},
    {count: trainings, one: 'training', many: 'trainings'},
  ];
  const present = counts.filter(({count}) => count > 0);
  return present.map(({count, one, many}) => `${count} ${count === 1 ? one : many}`).join(', ');
}

/** The last attempts that did not succeed, newest first; empty when all did. */
export function formatFailures(rows: readonly LogRow[], most = 20): string {
  const failures = rows
    .filter((row) => row.status !== 'success')
    .slice(-most)
    .reverse();
  const columns = [left('start'), left('experiment'), left('run'), right('seed'), left('status'), left('reason'), left('message')];
  const cells = failures.map((row) => [
    escapeText(row.timestamp),
    escapeText(row.experiment),
    row.run_type,
    row.seed === null ? '–' : String(row.seed),
    row.status,
    escapeText(row.reason ?? '–'),
    escapeText(shorten(row.error_message ?? '–', 140)),
  ]);
  return cells.length === 0 ? '' : formatTable(columns, cells);
}

type Row = readonly string[];

function listSource({name, planned, source}: ReportExperiment): readonly Row[] {
  const what = planned.kind === 'study' ? 'search' : 'borrowed parameters';
  return hasReason(source) ? [[escapeText(name), what, source.at, escapeText(source.reason)]] : [];
}

// Seeds in the same state for the same reason share a row.
function listTrainings({name, seeds}: ReportExperiment): readonly Row[] {
  const groups = new Map<string, {seeds: number[]; state: Reasoned}>();
  for (const {seed, training} of seeds) {
    if (!hasReason(training)) continue;
    const known = groups.get(`${training.at} ${training.reason}`);
    if (known === undefined) groups.set(`${training.at} ${training.reason}`, {seeds: [seed], state: training});
    else known.seeds.push(seed);
  }
  return [...groups.values()].map((group) => {
    const what = `training, ${group.seeds.length === 1 ? 'seed' : 'seeds'} ${group.seeds.join(', ')}`;
    return [escapeText(name), what, group.state.at, escapeText(group.state.reason)];
  });
}

function listPartial(experiment: ReportExperiment): readonly Row[] {
  if (!isPartial(experiment) || experiment.source.at === 'partial') return [];
  const trials = experiment.source.at === 'current' ? experiment.source.record.trials : null;
  const why =
    trials === null ? 'its parameters come from a search that was cut short' : `${trials.ended} of ${trials.expected} trials ended`;
  return [[escapeText(experiment.name), experiment.planned.kind === 'study' ? 'search' : 'borrowed parameters', 'partial', why]];
}

type Reasoned = Extract<ResultState<unknown>, {readonly reason: string}>;

function hasReason(state: ResultState<unknown>): state is Reasoned {
  return 'reason' in state;
}
