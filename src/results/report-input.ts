// What a report is made of: records that were read, checked and judged above. Types, and the questions every section asks of them.
import type {BorrowMethod, Identity} from '../config/study.ts';
import type {ParsedLog} from './parse-log.ts';
import type {BestParamsRecord, MetricsRecord, TrialRecord} from './records.ts';

export interface ReportInput {
  readonly title: string;
  readonly project: string;
  readonly profile?: string;
  readonly generatedFrom: {readonly key: string; readonly commit: string | null};
  /** Where the figures lie, relative to the report's directory, without a slash at the end. */
  readonly figureDirectory: string;
  readonly phases: readonly ReportPhase[];
  /** Results that a person took as they lay there, and why. */
  readonly adopted?: readonly {readonly result: string; readonly reason: string}[];
  readonly log: ParsedLog;
  /** Rows of the log that are no attempts of this study: of experiments that it does not have, without key and data hash. They are not in `log`. */
  readonly foreignRows?: number;
}

export interface ReportPhase {
  readonly name: string;
  readonly title: string;
  readonly experiments: readonly ReportExperiment[];
}

export interface ReportExperiment {
  readonly name: string;
  readonly identity: Identity;
  /** As `Experiment.dims`: every dimension of the point as text. */
  readonly dims: ReadonlyMap<string, string>;
  readonly budget: {readonly params: number; readonly tolerance: number};
  readonly planned:
    /** Nothing is searched. */
    | {readonly kind: 'record'}
    | {readonly kind: 'study'; readonly goal: 'minimize' | 'maximize'; readonly metric: 'val_loss' | 'val_auc'}
    | {
        readonly kind: 'borrow';
        readonly method: BorrowMethod;
        readonly from: readonly {readonly experiment: string; readonly weight: number}[];
      };
  /** Of a search or a borrow; `missing` where there is neither. */
  readonly source: ResultState<BestParamsRecord>;
  /** Of the study, in order; empty for a borrow. */
  readonly trials: readonly TrialRecord[];
  readonly seeds: readonly {readonly seed: number; readonly training: ResultState<MetricsRecord>}[];
}

export type ResultState<T> =
  | {readonly at: 'current'; readonly record: T}
  /** Made under another key than today's. */
  | {readonly at: 'stale'; readonly reason: string}
  | {readonly at: 'missing'}
  /** A search of today's key that was cut before its last trial. */
  | {readonly at: 'partial'; readonly reason: string}
  | {readonly at: 'failed'; readonly reason: string}
  /** Not run: too little data, or a gate. */
  | {readonly at: 'refused'; readonly reason: string}
  /** Declared wrong by a person, or the file is not what it should be. */
  | {readonly at: 'invalid'; readonly reason: string};

/** The trainings that may be shown as results. */
export function findCurrent(experiment: ReportExperiment): readonly MetricsRecord[] {
  return experiment.seeds.flatMap(({training}) => (training.at === 'current' ? [training.record] : []));
}

export function isBorrowed(experiment: ReportExperiment): boolean {
  return experiment.planned.kind === 'borrow';
}

/** Its parameters come from a search that was adopted, whole or in part, or were borrowed from one. */
export function isAdopted({source}: ReportExperiment): boolean {
  return source.at === 'current' && source.record.adopted !== undefined;
}

/** Its parameters come from a search that was cut short. */
export function isPartial(experiment: ReportExperiment): boolean {
  const {source} = experiment;
  const isCut = source.at === 'partial' || (source.at === 'current' && source.record.status === 'partial');
  return isCut || findCurrent(experiment).some((record) => record.hpo?.status === 'partial');
}
