// Reads the split of one experiment from its settings, and says what cannot work before anything is spent. Pure.
import {problem, warning} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import type {Fixed} from './layer.ts';
import type {Settings} from './merge.ts';
import {findSplitProblem, splitProblem} from './split.ts';
import type {Split} from './split.ts';
import type {Dataset, Parameter} from './study.ts';

const modes = ['scattered', 'contiguous', 'dates', 'classic'] as const;

/** What each mode reads; the rest has no effect there. The minimums always count. */
const readBy: Readonly<Record<Split['mode'], readonly string[]>> = {
  scattered: ['split.block', 'split.validation', 'split.test', 'split.embargo', 'split.seed'],
  classic: ['split.validation', 'split.test', 'split.seed'],
  contiguous: ['split.validation', 'split.test'],
  dates: ['split.validation_from', 'split.validation_to', 'split.test_from', 'split.test_to'],
};
const alwaysRead = ['split.mode', 'split.min_windows', 'split.min_positives'];

export function readSplit(settings: Settings): Split {
  const number = (name: string): number => Number(fixedAt(settings, name).value);
  const mode = modes.find((one) => one === fixedAt(settings, 'split.mode').value);
  if (mode === undefined) throw new Error('unreachable: the schema lists the modes');
  return {
    mode,
    block: number('split.block'),
    validation: number('split.validation'),
    test: number('split.test'),
    embargo: number('split.embargo'),
    minWindows: number('split.min_windows'),
  };
}

/** `classic` is a block length in disguise: the record holds the length that is meant. */
export function impliedSplitValues(settings: Settings, horizon: number): ReadonlyMap<string, Parameter> {
  if (fixedAt(settings, 'split.mode').value !== 'classic') return new Map();
  const block = Number(fixedAt(settings, 'context').value) + horizon;
  return new Map([
    ['split.block', {value: block, from: 'split.mode classic'}],
    ['split.embargo', {value: 0, from: 'split.mode classic'}],
  ]);
}

export interface SplitContext {
  readonly dataset: Dataset;
  readonly horizon: number;
  /** Where to point when every value is built in. */
  readonly span: Span;
}

export function checkSplit(settings: Settings, {dataset, horizon, span}: SplitContext): readonly Diagnostic[] {
  const split = readSplit(settings);
  const mode = fixedAt(settings, 'split.mode');
  const context = Number(fixedAt(settings, 'context').value);
  const at = (name: string): {readonly span: Span} => ({span: fixedAt(settings, name).span ?? mode.span ?? span});
  const problems: Diagnostic[] = [...findIdle(settings, split.mode)];
  if (split.mode === 'dates') problems.push(...checkDates(settings, at('split.mode').span));
  const geometry = findSplitProblem(split, {context, horizon});
  if (geometry !== undefined)
    problems.push(
      problem('FTS241', geometry, {...at(split.validation + split.test >= 1 ? 'split.validation' : 'split.block'), help: geometryHelp}),
    );
  const {keepRows} = dataset;
  const few = geometry !== undefined || keepRows === undefined ? undefined : splitProblem(split, {rows: keepRows, context, horizon});
  const help = 'Keep more rows, take another block length or mode, or lower split.min_windows.';
  if (few !== undefined)
    problems.push(
      problem('FTS240', `dataset "${dataset.name}": ${few}`, {
        ...at('split.min_windows'),
        see: [{span: dataset.span, note: 'the dataset'}],
        help,
      }),
    );
  return problems;
}

const geometryHelp = 'Take a longer block, a shorter context or horizon, or smaller shares.';
const datesHelp = 'Give days such as 2015-01-31 that rise: validation_from, validation_to, test_from, test_to.';

// A value that is written in a weaker layer than the mode may serve other profiles and phases.
function findIdle(settings: Settings, mode: Split['mode']): readonly Diagnostic[] {
  const chosen = fixedAt(settings, 'split.mode');
  const read = [...alwaysRead, ...readBy[mode]];
  return [...settings].flatMap(([name, setting]) => {
    if (!name.startsWith('split.') || read.includes(name) || setting.span === undefined || setting.rank < chosen.rank) return [];
    return [
      warning('FTS227', `"${name}" has no effect in mode ${mode}`, {
        span: setting.span,
        help: 'Remove it, or choose a mode that reads it.',
        ...(chosen.span && {see: [{span: chosen.span, note: 'the mode'}]}),
      }),
    ];
  });
}

function checkDates(settings: Settings, span: Span): readonly Diagnostic[] {
  const dates = readBy.dates.map((name) => ({name, ...fixedAt(settings, name)}));
  const missing = dates.filter(({name, value}) => value === null && name.endsWith('_from')).map(({name}) => name);
  if (missing.length > 0) return [problem('FTS241', `mode dates needs ${missing.join(' and ')}`, {span, help: datesHelp})];
  // ISO dates: their order as text is their order in time. The end of one period may be the start of the next.
  const given = dates.flatMap(({name, value, span: where}) => (typeof value === 'string' ? [{name, value, span: where}] : []));
  const late = given.find(({value}, index) => index > 0 && value < (given[index - 1]?.value ?? ''));
  return late === undefined
    ? []
    : [
        problem('FTS241', `${late.name} ${late.value} is before the date that comes ahead of it`, {
          span: late.span ?? span,
          help: datesHelp,
        }),
      ];
}

function fixedAt(settings: Settings, name: string): Fixed {
  const setting = settings.get(name);
  if (setting?.kind !== 'fixed') throw new Error(`unreachable: "${name}" is built in and cannot be searched`);
  return setting;
}
