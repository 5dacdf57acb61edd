// The scaling analysis of a phase: a fit per slice and task, and what it shows. Pure.
import type {Arrangement, Slice} from './arrange.ts';
import {fitPowerLaw, type FitPoint, type PowerFit, type PowerLaw} from './fits.ts';
import {escapeText, formatTable, left, right} from './markdown.ts';
import {formatFixed, formatPercent} from './numbers.ts';
import {findCurrent, isBorrowed, isPartial} from './report-input.ts';
import {compareShapes, type Shape, type ShapeComparison} from './saturating.ts';
import {marks} from './summary.ts';
import {describeConclusion, nameConclusion, type Conclusion} from './conclusion.ts';
import type {MetricsRecord, SplitMetrics} from './records.ts';
import {interpret} from './verdict.ts';

export interface ScalingAnalysis {
  readonly slice: Slice;
  readonly task: string;
  /** Which chose the configurations. */
  readonly validation: SplitAnalysis;
  /** Read once, after training: no choice rests on it. */
  readonly test: SplitAnalysis;
  readonly conclusion: Conclusion;
  readonly shapes: ShapeComparison;
  /** Marks for parameters that were borrowed or come from a cut search. */
  readonly marks: string;
}

/** One split of a task over all budgets. */
export interface SplitAnalysis {
  readonly points: readonly FitPoint[];
  readonly fit: PowerLaw;
  /** Of each run. */
  readonly baseRates: readonly BaseRate[];
}

interface BaseRate {
  readonly share: number;
  /** The loss of always predicting it, in nats. */
  readonly entropy: number;
}

/** Empty where the phase varies no budgets: there is nothing to scale. */
export function analyseScaling({rowDimension, slices}: Arrangement): readonly ScalingAnalysis[] {
  if (rowDimension !== 'budget') return [];
  return slices.filter((slice) => slice.rows.length > 1).flatMap((slice) => slice.tasks.map((task) => analyse(slice, task)));
}

export function formatScaling(analyses: readonly ScalingAnalysis[]): string {
  return formatTable(scalingColumns, analyses.map(formatAnalysis));
}

/** The test's columns say so; the others are validation's. */
export const scalingColumns = [
  ...['at', 'task'].map(left),
  ...['budgets', 'runs', 'α', '95 % interval', 'if seeds share nothing', 'R²', 'base rate'].map(right),
  ...['α, test', '95 % interval, test', 'base rate, test'].map(right),
  left('law'),
];

/** A sentence per task for what a table cannot hold. */
export function explainScaling(analyses: readonly ScalingAnalysis[]): readonly string[] {
  return analyses.map((analysis) => {
    const sentences = [describeConclusion(analysis.conclusion), describeOptimism(analysis.validation.fit), describeShapes(analysis.shapes)];
    return `**${escapeText(analysis.slice.label)}, ${escapeText(analysis.task)}:** ${sentences.filter((sentence) => sentence !== '').join(' ')}`;
  });
}

/** A line each, which also names it outside of its section: `phase6a, horizon 1, up1: no law shown; α 0.0104 [...], test ...`. */
export function concludeEach(phase: string, analyses: readonly ScalingAnalysis[]): readonly string[] {
  return analyses.map(({slice, task, validation, test, conclusion}) => {
    const exponents = [validation.fit, test.fit].flatMap((fit) => (fit.at === 'fitted' ? [formatExponent(fit).join(' ')] : []));
    const [own, other] = exponents;
    const numbers = own === undefined ? '' : `; α ${own} on validation${other === undefined ? '' : `, ${other} on the sealed test`}`;
    return `${phase}, ${slice.label}, ${task}: ${nameConclusion(conclusion)}${numbers}`;
  });
}

function analyse(slice: Slice, task: string): ScalingAnalysis {
  const experiments = slice.experiments.filter((experiment) => experiment.identity.task === task && findCurrent(experiment).length > 0);
  const records = experiments.flatMap(findCurrent);
  const [validation, test] = [analyseSplit(records, ({val}) => val), analyseSplit(records, (record) => record.test)];
  const borrowed = experiments.some(isBorrowed) ? marks.borrowed : '';
  const partial = experiments.some(isPartial) ? marks.partial : '';
  return {
    slice,
    task,
    validation,
    test,
    conclusion: {validation: interpret(validation.fit), test: interpret(test.fit)},
    shapes: compareShapes(validation.points),
    marks: `${borrowed}${partial}`,
  };
}

function analyseSplit(records: readonly MetricsRecord[], split: (record: MetricsRecord) => SplitMetrics): SplitAnalysis {
  const points = records.map((record) => ({n: record.param_count, loss: split(record).loss, replicate: record.seed}));
  const baseRates = records.map(split).map((metrics) => ({share: metrics.base_rate, entropy: metrics.base_rate_entropy}));
  return {points, fit: fitPowerLaw(points), baseRates};
}

function formatAnalysis({slice, task, validation, test, conclusion, marks: sources}: ScalingAnalysis): readonly string[] {
  const {fit, points} = validation;
  const runsInterval = fit.at === 'fitted' ? formatInterval(fit.runsInterval) : '–';
  return [
    escapeText(slice.label),
    `${escapeText(task)}${sources}`,
    String(fit.budgets),
    String(points.length),
    ...formatExponent(fit),
    runsInterval,
    fit.at === 'fitted' ? formatFixed(fit.rSquared, 2) : '–',
    describeBaseRate(validation),
    ...formatExponent(test.fit),
    describeBaseRate(test),
    nameConclusion(conclusion),
  ];
}

function formatExponent(fit: PowerLaw): readonly [string, string] {
  return fit.at === 'fitted' ? [formatFixed(fit.alpha, 4), formatInterval(fit.interval)] : ['–', '–'];
}

/** `27.1 %, loss 0.5841`: the share of positives, and what a model scores that always predicts it. */
export function describeBaseRate({baseRates}: SplitAnalysis): string {
  const shares = rangeOf(baseRates.map(({share}) => formatPercent(share)));
  const entropies = rangeOf(baseRates.map(({entropy}) => formatFixed(entropy, 4)));
  return shares === undefined || entropies === undefined ? '–' : `${shares}, loss ${entropies}`;
}

// Runs of one task have one base rate, unless their windows differ.
function rangeOf(texts: readonly string[]): string | undefined {
  const [lowest, ...others] = [...new Set(texts)].sort();
  const highest = others.at(-1);
  return highest === undefined ? lowest : `${String(lowest)} to ${highest}`;
}

function formatInterval({low, high}: PowerFit['interval']): string {
  return `[${formatFixed(low, 4)}, ${formatFixed(high, 4)}]`;
}

function describeOptimism(fit: PowerLaw): string {
  if (fit.at === 'too_few_points') return '';
  const overRuns = excludesZero(fit.runsInterval);
  if (excludesZero(fit.interval) === overRuns) return '';
  return overRuns
    ? 'With every run as one observation the interval would leave 0 out; that holds only if the seeds of a budget share no luck.'
    : 'With every run as one observation the interval would include 0.';
}

function excludesZero({low, high}: PowerFit['interval']): boolean {
  return low > 0 || high < 0;
}

const shapeNames: Readonly<Record<Shape, string>> = {
  constant: 'a constant',
  power: 'a power law',
  power_with_offset: 'a power law with a floor',
};

function describeShapes(shapes: ShapeComparison): string {
  if (shapes.at === 'too_few_points') return '';
  const best = shapes.shapes.find((entry) => entry.shape === shapes.best);
  const others = shapes.shapes
    .filter((entry) => entry !== best)
    .map((entry) => `${shapeNames[entry.shape]} +${formatFixed(entry.aicc - (best?.aicc ?? 0), 1)}`);
  return `By AICc ${shapeNames[shapes.best]} describes the runs best on validation, if the seeds of a budget share nothing (${others.join(', ')}).`;
}
