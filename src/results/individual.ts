// The tables of single results: every current training of a budget with both splits' numbers, and every search. Pure.
import type {Json, JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import {valueOf} from './arrange.ts';
import {cautionsOf} from './cautions.ts';
import {escapeText, formatTable, left, right} from './markdown.ts';
import {formatFixed, formatPercent, formatWhole} from './numbers.ts';
import type {BestParamsRecord, MetricsRecord} from './records.ts';
import {isAdopted, isBorrowed, isPartial, type ReportExperiment} from './report-input.ts';
import {groupBy} from './group.ts';

export interface IndividualTable {
  readonly heading: string;
  readonly table: string;
}

/** One table per row of the summaries, without those that have no current result. */
export function listIndividual(experiments: readonly ReportExperiment[], rowDimension: string): readonly IndividualTable[] {
  const groups = groupBy(experiments, (experiment) => valueOf(experiment, rowDimension));
  return [...groups].flatMap(([value, members]) => {
    const rows = members.flatMap((experiment) =>
      experiment.seeds.flatMap(({training}) => (training.at === 'current' ? [formatTraining(experiment, training.record)] : [])),
    );
    return rows.length === 0
      ? []
      : [{heading: `${escapeText(rowDimension)} ${escapeText(value)}`, table: formatTable(trainingColumns, rows)}];
  });
}

/** Where each experiment's parameters come from; without those that have none. */
export function formatSearches(experiments: readonly ReportExperiment[]): string {
  const rows = experiments.flatMap((experiment) =>
    experiment.source.at === 'current' ? [formatSource(experiment, experiment.source.record)] : [],
  );
  const columns = [left('experiment'), left('parameters from'), right('best value'), right('epoch'), right('size'), left('parameters')];
  return rows.length === 0 ? '' : formatTable(columns, rows);
}

const trainingColumns = [
  left('experiment'),
  ...['seed', 'parameters', 'val. loss', 'base-rate entropy', 'val. AUC', 'val. accuracy', 'val. base rate'].map(right),
  ...['test loss', 'test base-rate entropy', 'test AUC', 'test accuracy', 'test base rate', 'best epoch'].map(right),
  left('notes'),
];

function formatTraining(experiment: ReportExperiment, record: MetricsRecord): readonly string[] {
  const {val, test} = record;
  const origin = [
    ...(isBorrowed(experiment) ? ['borrowed parameters'] : []),
    ...(isPartial(experiment) ? ['partial search'] : []),
    ...(isAdopted(experiment) ? ['adopted search'] : []),
  ];
  return [
    escapeText(experiment.name),
    String(record.seed),
    formatWhole(record.param_count),
    formatFixed(val.loss, 4),
    formatFixed(val.base_rate_entropy, 4),
    formatFixed(val.auc, 3),
    formatPercent(val.accuracy),
    formatPercent(val.base_rate),
    formatFixed(test.loss, 4),
    formatFixed(test.base_rate_entropy, 4),
    formatFixed(test.auc, 3),
    formatPercent(test.accuracy),
    formatPercent(test.base_rate),
    `${record.best_epoch} of ${record.epochs_run}`,
    [...origin, ...cautionsOf(experiment, record).map((caution) => `**${caution}**`)].join(', '),
  ];
}

function formatSource(experiment: ReportExperiment, record: BestParamsRecord): readonly string[] {
  const size = record.param_count === null ? '–' : formatWhole(record.param_count);
  const epoch = record.epoch === null ? '–' : String(record.epoch);
  return [escapeText(experiment.name), describeSource(record), formatFixed(record.value, 4), epoch, size, formatParams(record.params)];
}

function describeSource(record: BestParamsRecord): string {
  if (record.sources.length > 0 || record.method !== 'hpo') {
    const from = record.sources.map((source) => `${escapeText(source.experiment)} × ${formatFixed(source.weight, 2)}`);
    return `borrowed (${record.method.replace('borrow:', '')}) from ${from.join(', ')}`;
  }
  if (record.trials === null) return 'own search';
  const {ended, expected, complete, pruned, failed, cached = 0} = record.trials;
  const adopted = record.adopted?.trials ?? 0;
  const marked = adopted === 0 ? '' : `; **${adopted} adopted**`;
  const counts = `${complete} complete, ${pruned} pruned, ${failed} failed${cached === 0 ? '' : `; ${cached} from the cache`}${marked}`;
  return record.status === 'partial'
    ? `**partial** search, ${ended} of ${expected} trials (${counts})`
    : `own search, ${ended} trials (${counts})`;
}

function formatParams(params: JsonObject): string {
  const shown = sorted(Object.keys(params)).map((name) => `${name} ${formatValue(params[name] ?? null)}`);
  return escapeText(shown.join(', '));
}

function formatValue(value: Json): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
