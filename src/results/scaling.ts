// The scaling analysis of a phase: a fit per slice and task, and what it shows. Pure.
import type {Arrangement, Slice} from './arrange.ts';
import {fitPowerLaw, type FitPoint, type PowerFit, type PowerLaw} from './fits.ts';
import {escapeText, formatTable, left, right} from './markdown.ts';
import {formatFixed} from './numbers.ts';
import {findCurrent, isBorrowed, isPartial} from './report-input.ts';
import {compareShapes, type Shape, type ShapeComparison} from './saturating.ts';
import {marks} from './summary.ts';
import {describeVerdict, interpret, type Verdict} from './verdict.ts';

export interface ScalingAnalysis {
  readonly slice: Slice;
  readonly task: string;
  readonly points: readonly FitPoint[];
  readonly fit: PowerLaw;
  readonly verdict: Verdict;
  readonly shapes: ShapeComparison;
  /** Marks for parameters that were borrowed or come from a cut search. */
  readonly marks: string;
}

/** Empty where the phase varies no budgets: there is nothing to scale. */
export function analyseScaling({rowDimension, slices}: Arrangement): readonly ScalingAnalysis[] {
  if (rowDimension !== 'budget') return [];
  return slices.filter((slice) => slice.rows.length > 1).flatMap((slice) => slice.tasks.map((task) => analyse(slice, task)));
}

export function formatScaling(analyses: readonly ScalingAnalysis[]): string {
  const columns = ['at', 'task']
    .map(left)
    .concat(['budgets', 'runs', 'α', '95 % interval', 'if seeds share nothing', 'R²'].map(right), left('verdict'));
  return formatTable(columns, analyses.map(formatAnalysis));
}

/** A sentence per task for what a table cannot hold. */
export function explainScaling(analyses: readonly ScalingAnalysis[]): readonly string[] {
  return analyses.map((analysis) => {
    const sentences = [describeVerdict(analysis.verdict), describeOptimism(analysis.fit), describeShapes(analysis.shapes)];
    return `**${escapeText(analysis.slice.label)}, ${escapeText(analysis.task)}:** ${sentences.filter((sentence) => sentence !== '').join(' ')}`;
  });
}

export function nameVerdict(verdict: Verdict): string {
  const names = {law: 'law shown', none_shown: 'no law shown', rises: 'no law: the loss rises', too_few_points: 'too few budgets'} as const;
  return names[verdict.at];
}

function analyse(slice: Slice, task: string): ScalingAnalysis {
  const experiments = slice.experiments.filter((experiment) => experiment.identity.task === task && findCurrent(experiment).length > 0);
  const points = experiments.flatMap((experiment) =>
    findCurrent(experiment).map((record) => ({n: record.param_count, loss: record.val.loss, replicate: record.seed})),
  );
  const fit = fitPowerLaw(points);
  const borrowed = experiments.some(isBorrowed) ? marks.borrowed : '';
  const partial = experiments.some(isPartial) ? marks.partial : '';
  return {slice, task, points, fit, verdict: interpret(fit), shapes: compareShapes(points), marks: `${borrowed}${partial}`};
}

function formatAnalysis({slice, task, points, fit, verdict, marks: sources}: ScalingAnalysis): readonly string[] {
  const head = [escapeText(slice.label), `${escapeText(task)}${sources}`];
  if (fit.at === 'too_few_points') return [...head, String(fit.budgets), String(points.length), '–', '–', '–', '–', nameVerdict(verdict)];
  const numbers = [String(fit.budgets), String(fit.runs), formatFixed(fit.alpha, 4), formatInterval(fit.interval)];
  return [...head, ...numbers, formatInterval(fit.runsInterval), formatFixed(fit.rSquared, 2), nameVerdict(verdict)];
}

function formatInterval({low, high}: PowerFit['interval']): string {
  return `[${formatFixed(low, 4)}, ${formatFixed(high, 4)}]`;
}

function describeOptimism(fit: PowerLaw): string {
  if (fit.at === 'too_few_points') return '';
  const agree = excludesZero(fit.interval) === excludesZero(fit.runsInterval);
  return agree
    ? ''
    : 'With every run as one observation the interval would leave 0 out; that holds only if the seeds of a budget share no luck.';
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
  return `By AICc ${shapeNames[shapes.best]} describes the runs best (${others.join(', ')}).`;
}
