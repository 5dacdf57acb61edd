// Arranges a phase's experiments into tables of tasks against budgets (or against what varies instead). Pure.
import type {ReportExperiment, ReportPhase} from './report-input.ts';
import {groupBy} from './group.ts';

export interface Arrangement {
  /** What a table's rows are: `budget`, where that varies. */
  readonly rowDimension: string;
  readonly slices: readonly Slice[];
}

/** The experiments that differ in nothing but row and task. */
export interface Slice {
  /** `horizon 1`, with whatever else varies: `horizon 1, tier a100`. */
  readonly label: string;
  /** For file names. */
  readonly slug: string;
  readonly rows: readonly string[];
  readonly tasks: readonly string[];
  readonly experiments: readonly ReportExperiment[];
}

export function arrange(phase: ReportPhase): Arrangement {
  const varying = findVarying(phase.experiments);
  const rowDimension = varying.includes('budget') ? 'budget' : (varying.find((dimension) => dimension !== 'task') ?? 'budget');
  const rest = varying.filter((dimension) => ![rowDimension, 'task', 'horizon'].includes(dimension));
  const sliceDimensions = rowDimension === 'horizon' ? rest : ['horizon', ...rest];
  const groups = groupBy(phase.experiments, (experiment) => labelOf(experiment, sliceDimensions));
  const slices = [...groups].map(([label, experiments]) => ({
    label,
    slug: slugOf([phase.name, ...sliceDimensions.map((dimension) => shortValue(experiments[0], dimension))]),
    rows: distinct(experiments, rowDimension),
    tasks: distinct(experiments, 'task'),
    experiments,
  }));
  return {rowDimension, slices};
}

export function findCell(
  slice: Slice,
  at: {readonly dimension: string; readonly row: string; readonly task: string},
): readonly ReportExperiment[] {
  return slice.experiments.filter((experiment) => valueOf(experiment, at.dimension) === at.row && experiment.identity.task === at.task);
}

export function valueOf(experiment: ReportExperiment, dimension: string): string {
  return dimensionsOf(experiment).get(dimension) ?? '';
}

function dimensionsOf({dims, identity}: ReportExperiment): ReadonlyMap<string, string> {
  const {budget, task, timescale, tier} = identity;
  return new Map([
    ...dims,
    ['budget', budget],
    ['task', task],
    ['horizon', String(identity.horizon)],
    ['timescale', timescale],
    ['tier', tier],
  ]);
}

/** In the order of the experiments' own dimensions. */
function findVarying(experiments: readonly ReportExperiment[]): readonly string[] {
  const dimensions = new Set(experiments.flatMap((experiment) => [...dimensionsOf(experiment).keys()]));
  return [...dimensions].filter((dimension) => distinct(experiments, dimension).length > 1);
}

function distinct(experiments: readonly ReportExperiment[], dimension: string): readonly string[] {
  return [...new Set(experiments.map((experiment) => valueOf(experiment, dimension)))];
}

function labelOf(experiment: ReportExperiment, dimensions: readonly string[]): string {
  return dimensions.map((dimension) => `${dimension} ${valueOf(experiment, dimension)}`).join(', ') || 'all experiments';
}

function shortValue(experiment: ReportExperiment | undefined, dimension: string): string {
  if (experiment === undefined) return '';
  return dimension === 'horizon' ? `h${experiment.identity.horizon}` : valueOf(experiment, dimension);
}

function slugOf(parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[^A-Za-z0-9.-]+/g, '-')).join('_');
}
