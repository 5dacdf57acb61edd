// The text of a first experiments.yaml, from a project's name, its data and its budgets. Pure: text out of answers.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {formatDuration, parseCount} from '../base/units.ts';
import {architecturesWithin} from './architecture.ts';
import type {Grid} from './architecture.ts';
import {usualTolerance} from './budgets.ts';
import {findNameProblem} from './names.ts';

export interface StarterAnswers {
  readonly project: string;
  /** `sp500`, `nasdaq`, or the path of a raw file. */
  readonly data: string;
  /** As a person writes them: 6K, 2M. */
  readonly budgets: readonly string[];
  /** Of a raw file's bars; daily where nothing is said. */
  readonly timescale?: string;
}

export const usualBudgets: readonly string[] = ['6K', '18K', '54K', '160K'];

/** Daily prices that come with a Python package. */
export const builtInData: ReadonlyMap<string, string> = new Map([
  ['sp500', 'arch.sp500'],
  ['nasdaq', 'arch.nasdaq'],
]);

const input = {features: 20, context: 60, patchLength: 10, patchStride: 5};

/** What a first grid is chosen from. */
const widest: Grid = {
  d_model: [8, 16, 32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048],
  n_layers: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96],
  n_heads: [2, 4, 8, 16],
  ff_ratio: [2, 4],
};

// Seconds of a trial and a training at so many parameters, measured; between them a line in the logarithms.
const measured: readonly (readonly [params: number, trial: number, training: number])[] = [
  [6e3, 3, 6],
  [160e3, 8, 16],
  [2e6, 26, 300],
  [20e6, 120, 1200],
  [200e6, 960, 10_800],
  [2e9, 4380, 50_400],
];

/** Why these cannot be the budgets of a study, or nothing. */
export function findBudgetProblem(budgets: readonly string[]): Diagnostic | undefined {
  const help = 'Write one or more counts with commas between them: 6K,18K,54K or 2M,20M.';
  if (budgets.length === 0) return problem('FTS004', 'a study needs a budget', {help});
  for (const [index, name] of budgets.entries()) {
    const params = parseCount(name);
    if (params === undefined || findNameProblem(name) !== undefined) return problem('FTS004', `"${name}" is no count`, {help});
    if (budgets.slice(0, index).some((other) => parseCount(other) === params)) return problem('FTS004', `${name} is given twice`, {help});
    if (fitting(params, widest).length === 0)
      return problem('FTS004', `no architecture of the first grid has about ${name} parameters`, {help: 'Choose from 3K to 4B.'});
  }
  return undefined;
}

export function starterStudy(answers: StarterAnswers): string {
  const {project, data, budgets, timescale = 'daily'} = answers;
  const counts = budgets.map((name) => [name, parseCount(name) ?? 0] as const).sort(([, left], [, right]) => left - right);
  const dataset = builtInData.has(data) ? data : 'prices';
  const grid = gridFor(counts.map(([, params]) => params));
  return `# yaml-language-server: $schema=.ftsbuild/schema.json
#
# Does a larger model predict better? Every budget below is searched and trained on every task, and the report fits a scaling law.
#
#   ftsbuild all --dry-run          what would run, why, and for how long; writes nothing
#   ftsbuild --profile smoke all    every kind of step once, within minutes, apart from the real results
#   ftsbuild all                    the study
#
# Comments and the order of keys make nothing stale. The names in .ftsbuild/schema.json, which your editor completes and checks by, are
# renewed by every build, and by:  ftsbuild schema --output .ftsbuild/schema.json
version: 1
project: ${quoted(project)}

# Prices per bar. Indicators are computed into the file: a20 is a set of 20 of them (a100, a250, a500 are larger).
data:
  ${dataset}:
${sourceLines(data, timescale)}
# How many parameters a model must have, within 25 %. The estimates are rough, for the plan, until there is a history.
budgets:
${counts.map(([name, params]) => `  ${name}: {params: ${name}, estimate: ${estimateAt(params)}}`).join('\n')}

# What to predict: does the price rise by so many per cent within the horizon?
tasks:
  threshold_1pct: {kind: threshold, pct: 1}
  threshold_2pct: {kind: threshold, pct: 2}
  threshold_3pct: {kind: threshold, pct: 3}

# Values for every phase; a phase, a case or a profile may replace them.
defaults:
  tier: a20
  horizon: 5 # bars ahead
  context: ${input.context} # bars that a model reads
  patch: {length: ${input.patchLength}, stride: ${input.patchStride}}
  # Whole blocks of 180 days, spread over the history, are for validation and for the sealed test.
  split: {mode: scattered, block: 180, validation: 0.15, test: 0.15}

phases:
  scaling:
    title: Parameter scaling
    # Every combination is an experiment: ${String(counts.length)} x 3 = ${String(counts.length * 3)} of them.
    matrix:
      budget: [${counts.map(([name]) => name).join(', ')}]
      task: [threshold_1pct, threshold_2pct, threshold_3pct]
    hpo:
      # The 2 % task has no search of its own: its parameters lie between those of 1 % and 3 %.
      skip: {task: threshold_2pct}
      borrow:
        - for: {task: threshold_2pct}
          from: [{task: threshold_1pct}, {task: threshold_3pct}]
          method: interpolate
      trials: 20 # raising it later runs the difference
      startup_trials: 5
      epochs: 10 # for the search only; the trainings below run longer
      subset: 0.5 # each trial sees half of the training windows
      search:
        # Of this grid what fits the budget is tried.
        architecture:
          d_model: [${grid.d_model.join(', ')}]
          n_layers: [${grid.n_layers.join(', ')}]
          n_heads: [${grid.n_heads.join(', ')}]
          ff_ratio: [${grid.ff_ratio.join(', ')}]
        learning_rate: {log: [1.0e-4, 3.0e-3]}
        dropout: {uniform: [0.0, 0.3]}
    training:
      epochs: 30
      # Replicates: without their spread no difference between two models means anything.
      seeds: [42, 43, 44]
    # Conditions on every result. A failed one fails the step; a warning is shown, and the result kept.
    checks:
      - prediction_std > 0.0001
      - {expr: val_loss < base_rate_entropy, severity: warn}

profiles:
  # Every kind of step once, on results that mean nothing. Lowers the minimums, by name.
  smoke:
    only: {budget: ${counts[0]?.[0] ?? ''}}
    data: {rows: {keep: 800, min: 800}}
    split: {block: 100, seed: 1, min_windows: 20, min_positives: ${data === 'sp500' ? '1' : '0'}}
    hpo: {trials: 2, startup_trials: 1, epochs: 1}
    training: {epochs: 1, seeds: [42]}
    checks: []
`;
}

function sourceLines(data: string, timescale: string): string {
  const builtIn = builtInData.get(data);
  if (builtIn !== undefined)
    return `    # Daily prices that come with a Python package, so nothing is downloaded.
    builder: {source: ${builtIn}, tiers: [a20]}
    rows: {min: 4000}
`;
  return `    # Your own raw prices: columns Date, Open, High, Low, Close and Volume.
    builder: {source: ${quoted(data)}, tiers: [a20]}
    timescale: ${timescale}
    rows: {min: 1000}
`;
}

// A JSON text is a YAML text. Plain words need no quotes.
function quoted(text: string): string {
  return /^[A-Za-z][\w-]*(?:[./][\w-]+)*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
}

/** The part of the widest grid that some budget has a use for. */
function gridFor(counts: readonly number[]): Grid {
  const used = counts.flatMap((params) => fitting(params, widest));
  const among = (values: readonly number[], of: (one: (typeof used)[number]) => number): readonly number[] => {
    const wanted = new Set(used.map(of));
    return values.filter((value) => wanted.has(value));
  };
  return {
    d_model: among(widest.d_model, ({dModel}) => dModel),
    n_layers: among(widest.n_layers, ({nLayers}) => nLayers),
    n_heads: among(widest.n_heads, ({nHeads}) => nHeads),
    ff_ratio: among(widest.ff_ratio, ({ffRatio}) => ffRatio),
  };
}

function fitting(params: number, grid: Grid): ReturnType<typeof architecturesWithin>['architectures'] {
  return architecturesWithin(grid, input, {params, tolerance: usualTolerance}).architectures;
}

function estimateAt(params: number): string {
  const above = Math.min(
    Math.max(
      1,
      measured.findIndex(([known]) => known >= params),
    ),
    measured.length - 1,
  );
  const [low, high] = [measured[above - 1], measured[params > (measured.at(-1)?.[0] ?? 0) ? measured.length - 1 : above]];
  if (low === undefined || high === undefined) throw new Error('unreachable: there are measured points');
  const share = Math.log(params / low[0]) / Math.log(high[0] / low[0]);
  const between = (from: number, to: number): string => formatDuration(roundedMs(from * (to / from) ** share)).replaceAll(' ', '');
  return `{trial: ${between(low[1], high[1])}, training: ${between(low[2], high[2])}}`;
}

// Two digits are more than a rough figure has.
function roundedMs(seconds: number): number {
  const unit = seconds < 60 ? 1 : seconds < 3600 ? 60 : 3600;
  return Math.max(1, Math.round(seconds / unit)) * unit * 1000;
}
