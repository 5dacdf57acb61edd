// What a reader must know before believing a result: useless models, constant predictions, unlike conditions. Pure.
import {formatFixed} from './numbers.ts';
import type {MetricsRecord} from './records.ts';
import {findCurrent, isPartial, type ReportExperiment, type ReportInput} from './report-input.ts';
import {groupBy} from './group.ts';

/** Predictions that spread less than this say the same of every window. */
const leastSpread = 0.01;

/** Of one training, in few words. */
export function cautionsOf(experiment: ReportExperiment, record: MetricsRecord): readonly string[] {
  const {params, tolerance} = experiment.budget;
  return [
    ...(isConstant(record) ? [`constant predictions (sd ${formatFixed(record.val.prediction_std, 4)})`] : []),
    ...(isUseless(record) ? ['no better than the base rate'] : []),
    ...(Math.abs(record.param_count - params) > tolerance * params ? ['outside its budget'] : []),
  ];
}

/** Of the whole report, as sentences; what is worst comes first. */
export function findCautions(input: ReportInput): readonly string[] {
  const experiments = input.phases.flatMap((phase) => phase.experiments);
  const records = experiments.flatMap(findCurrent);
  const offBudget = experiments.flatMap((experiment) =>
    findCurrent(experiment).filter((record) => cautionsOf(experiment, record).includes('outside its budget')),
  );
  const share = (matching: readonly unknown[]): string => `${matching.length} of ${records.length} current trainings`;
  const constant = records.filter(isConstant);
  const useless = records.filter(isUseless);
  const dirty = records.filter((record) => record.provenance.git_dirty === true);
  const byHand = records.filter((record) => record.key === null);
  const partial = experiments.filter((experiment) => isPartial(experiment) && findCurrent(experiment).length > 0);
  return [
    ...(constant.length > 0
      ? [`${share(constant)} predict nearly the same for every window (standard deviation below ${leastSpread}).`]
      : []),
    ...(useless.length > 0 ? [`${share(useless)} are no better than always predicting the base rate.`] : []),
    ...(offBudget.length > 0 ? [`${share(offBudget)} have a parameter count outside their budget's tolerance.`] : []),
    ...findUnlikeSplits(experiments),
    ...(partial.length > 0
      ? [
          `${partial.length} ${partial.length === 1 ? 'experiment with results rests' : 'experiments with results rest'} on a search that was cut short (partial).`,
        ]
      : []),
    ...(dirty.length > 0 ? [`${share(dirty)} were made with uncommitted changes in the code.`] : []),
    ...(byHand.length > 0 ? [`${share(byHand)} were run by hand and carry no key.`] : []),
    ...findAdopted(input),
    ...findUnreadable(input),
    ...findForeign(input),
  ];
}

// By name and with the reason: each rests on a person's word.
function findAdopted({adopted = []}: ReportInput): readonly string[] {
  if (adopted.length === 0) return [];
  const list = adopted.map(({result, reason}) => `${result} (${reason})`).join('; ');
  return [`${adopted.length === 1 ? '1 result was' : `${adopted.length} results were`} adopted, not made by this program: ${list}.`];
}

function findUnreadable({log}: ReportInput): readonly string[] {
  const [first] = log.problems;
  if (first === undefined) return [];
  const rows = log.problems.length === 1 ? '1 row of the log is' : `${log.problems.length} rows of the log are`;
  return [`${rows} unreadable and in no total (line ${first.line}: ${first.message}).`];
}

function findForeign({log, foreignRows = 0}: ReportInput): readonly string[] {
  const rows = foreignRows === 1 ? '1 row of the log is' : `${foreignRows} rows of the log are`;
  return [
    ...(log.other === undefined ? [] : [`The log is not this program's: ${log.other}. None of its rows is in a total.`]),
    ...(foreignRows === 0
      ? []
      : [`${rows} of experiments that this study does not have, without key and data hash: of other origin, and in no total.`]),
  ];
}

function isConstant(record: MetricsRecord): boolean {
  return record.val.prediction_std !== null && record.val.prediction_std < leastSpread;
}

function isUseless(record: MetricsRecord): boolean {
  return record.val.loss >= record.val.base_rate_entropy;
}

// Losses compare only over the same windows: the base rate tells most other windows apart.
function findUnlikeSplits(experiments: readonly ReportExperiment[]): readonly string[] {
  const groups = groupBy(
    experiments,
    ({identity}) => `${identity.phase}, horizon ${identity.horizon}, ${identity.task}, ${identity.timescale} bars`,
  );
  return [...groups].flatMap(([label, members]) => {
    const splits = new Set(members.flatMap(findCurrent).map(({val}) => `${val.windows} windows, ${val.positives} positives`));
    return splits.size > 1
      ? [`The results of ${label} were validated on different windows (${[...splits].join('; ')}): their losses do not compare.`]
      : [];
  });
}
