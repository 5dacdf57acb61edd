// Counts attempts and results. Pure.
import {runStatuses, runTypes, type LogRow} from './log.ts';
import {formatTable, left, right} from './markdown.ts';
import {formatDuration, formatPercent} from './numbers.ts';
import {totalSeconds} from './run-time.ts';
import type {ReportExperiment, ReportInput, ResultState} from './report-input.ts';

/** Attempts of the log, by kind and ending: its raw history, superseded results included. */
export function formatAttempts(rows: readonly LogRow[]): string {
  const columns = [left('attempts'), right('all'), ...runStatuses.map((status) => right(status)), right('success rate'), right('time')];
  const kinds = runTypes.map((kind) => [kind, rows.filter((row) => row.run_type === kind)] as const);
  return formatTable(
    columns,
    [...kinds, ['both', rows] as const].map(([kind, attempts]) => formatKind(kind, attempts)),
  );
}

const states = ['current', 'partial', 'stale', 'missing', 'failed', 'refused', 'invalid'] as const;

/** Results of today's study by state. */
export function formatResults(experiments: readonly ReportExperiment[]): string {
  const of = (kind: 'study' | 'borrow'): ResultState<unknown>[] =>
    experiments.filter((entry) => entry.planned.kind === kind).map((entry) => entry.source);
  const kinds: readonly (readonly [string, readonly ResultState<unknown>[]])[] = [
    ['searches', of('study')],
    ['borrowed parameters', of('borrow')],
    ['trainings', experiments.flatMap((experiment) => experiment.seeds.map(({training}) => training))],
  ];
  const rows = kinds.map(([kind, members]) => [
    kind,
    String(members.length),
    ...states.map((state) => String(members.filter((member) => member.at === state).length)),
  ]);
  return formatTable([left('results'), right('all'), ...states.map(right)], rows);
}

/** The newest result's time: the same results give the same report. Undefined when there is none. */
export function findNewest(input: ReportInput): string | undefined {
  const experiments = input.phases.flatMap((phase) => phase.experiments);
  const times = experiments.flatMap((experiment) =>
    [experiment.source, ...experiment.seeds.map(({training}) => training)].flatMap((state) =>
      state.at === 'current' ? [state.record.provenance.created] : [],
    ),
  );
  return times.length === 0 ? undefined : times.reduce((newest, time) => (Date.parse(time) > Date.parse(newest) ? time : newest));
}

function formatKind(kind: string, rows: readonly LogRow[]): readonly string[] {
  const succeeded = rows.filter((row) => row.status === 'success').length;
  const counts = runStatuses.map((status) => String(rows.filter((row) => row.status === status).length));
  return [
    kind,
    String(rows.length),
    ...counts,
    rows.length === 0 ? '–' : formatPercent(succeeded / rows.length),
    formatDuration(totalSeconds(rows)),
  ];
}
