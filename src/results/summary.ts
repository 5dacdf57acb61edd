// The tables of average validation loss: one a slice, budgets down, tasks across. Pure.
import {findCell, type Arrangement, type Slice} from './arrange.ts';
import {escapeText, formatTable, left, right} from './markdown.ts';
import {formatFixed} from './numbers.ts';
import {findCurrent, isBorrowed, isPartial, type ReportExperiment} from './report-input.ts';

export const marks = {borrowed: 'ᵇ', partial: 'ᵖ'} as const;

export function formatSummary(slice: Slice, {rowDimension}: Arrangement): string {
  const columns = [left(escapeText(rowDimension)), ...slice.tasks.map((task) => right(escapeText(task)))];
  const rows = slice.rows.map((row) => [
    escapeText(row),
    ...slice.tasks.map((task) => formatCell(findCell(slice, {dimension: rowDimension, row, task}))),
  ]);
  return formatTable(columns, [...rows, ['*always the base rate*', ...slice.tasks.map((task) => formatEntropy(slice, task))]]);
}

/** Mean over the seeds, the seeds' standard deviation behind it where there are several. */
export function formatSpread(values: readonly number[], digits = 4): string {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  if (values.length < 2) return formatFixed(mean, digits);
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return `${formatFixed(mean, digits)} ± ${formatFixed(Math.sqrt(squares / (values.length - 1)), digits)}`;
}

function formatCell(experiments: readonly ReportExperiment[]): string {
  const [experiment] = experiments;
  if (experiment === undefined) return '–';
  const current = findCurrent(experiment);
  if (current.length === 0) return `*${worstState(experiment)}*`;
  const spread = formatSpread(current.map((record) => record.val.loss));
  const lacking = current.length < experiment.seeds.length ? ` (${current.length} of ${experiment.seeds.length} seeds)` : '';
  return `${spread}${isBorrowed(experiment) ? marks.borrowed : ''}${isPartial(experiment) ? marks.partial : ''}${lacking}`;
}

const stateOrder = ['invalid', 'failed', 'refused', 'partial', 'stale', 'missing'] as const;

// The state that explains most why there is no number.
function worstState(experiment: ReportExperiment): string {
  const states = [experiment.source.at, ...experiment.seeds.map(({training}) => training.at)];
  return stateOrder.find((state) => states.includes(state)) ?? 'missing';
}

function formatEntropy(slice: Slice, task: string): string {
  const records = slice.experiments.filter((experiment) => experiment.identity.task === task).flatMap(findCurrent);
  const entropies = [...new Set(records.map((record) => formatFixed(record.val.base_rate_entropy, 4)))].sort();
  const [lowest] = entropies;
  if (lowest === undefined) return '–';
  return `*${entropies.length === 1 ? lowest : `${lowest} to ${entropies.at(-1) ?? lowest}`}*`;
}
