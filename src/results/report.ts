// Renders the report of a study: Markdown by the template it is given, and the figures it links to. Same input, same bytes.
import {
  analyseScaling,
  concludeEach,
  describeBaseRate,
  explainScaling,
  formatScaling,
  type ScalingAnalysis,
  type SplitAnalysis,
} from './scaling.ts';
import {nameConclusion, nameVerdict} from './conclusion.ts';
import {arrange, valueOf, type Arrangement, type Slice} from './arrange.ts';
import {findCautions} from './cautions.ts';
import {explanations} from './explanations.ts';
import {drawHistory, type Objective} from './history-figure.ts';
import {formatSearches, listIndividual} from './individual.ts';
import {codeText, escapeText, tidyMarkdown} from './markdown.ts';
import {describeMissing, formatFailures, formatNotCurrent} from './not-current.ts';
import type {ReportExperiment, ReportInput, ReportPhase} from './report-input.ts';
import {drawScaling, type ScalingPanel} from './scaling-figure.ts';
import {formatSummary, marks} from './summary.ts';
import {inTemplate, renderTemplate} from './template.ts';
import {findNewest, formatAttempts, formatResults} from './totals.ts';
import {groupBy} from './group.ts';

export interface Report {
  readonly markdown: string;
  /** File name -> SVG, for the figure directory. */
  readonly figures: ReadonlyMap<string, string>;
  /** The verdicts, a line each, as plain text. */
  readonly findings: readonly string[];
}

/** `template` is the text of `templates/report.md.hbs`. */
export async function renderReport(input: ReportInput, template: string): Promise<Report> {
  const experiments = input.phases.flatMap((phase) => phase.experiments);
  const phases = await Promise.all(input.phases.map((phase) => renderPhase(phase, input.figureDirectory)));
  const markdown = await renderTemplate(template, {
    title: escapeText(input.title),
    project: codeText(input.project),
    profile: input.profile === undefined ? '' : codeText(input.profile),
    generated: findNewest(input) ?? 'no result yet',
    key: input.generatedFrom.key,
    commit: input.generatedFrom.commit ?? 'not under version control',
    cautions: findCautions(input).map(escapeText),
    attempts: formatAttempts(input.log.rows),
    results: formatResults(experiments),
    marks,
    explanations,
    phases: phases.map((phase) => phase.view),
    notCurrent: formatNotCurrent(experiments),
    missing: describeMissing(experiments),
    failures: formatFailures(input.log.rows),
  }).catch(inTemplate('report.md.hbs'));
  return {
    markdown: tidyMarkdown(markdown),
    findings: phases.flatMap((phase) => phase.findings),
    figures: new Map(phases.flatMap((phase) => phase.figures.map((figure) => [figure.file, figure.svg] as const))),
  };
}

interface Figure {
  readonly file: string;
  readonly path: string;
  readonly title: string;
  readonly svg: string;
}

async function renderPhase(
  phase: ReportPhase,
  directory: string,
): Promise<{view: object; figures: readonly Figure[]; findings: readonly string[]}> {
  const arrangement = arrange(phase);
  const analyses = analyseScaling(arrangement);
  const scalingFigures = await drawAll(arrangement.slices, directory, (slice) => scalingFigure(phase, slice, analyses));
  const searchFigures = await drawAll(arrangement.slices, directory, (slice) => searchFigure(phase, slice, arrangement));
  const view = {
    name: escapeText(phase.name),
    title: escapeText(phase.title),
    slices: arrangement.slices.map((slice) => ({label: escapeText(slice.label), table: formatSummary(slice, arrangement)})),
    hasScaling: analyses.length > 0,
    scaling: analyses.length > 0 ? formatScaling(analyses) : '',
    findings: explainScaling(analyses),
    scalingFigures,
    searches: formatSearches(phase.experiments),
    searchFigures,
    individual: listIndividual(phase.experiments, arrangement.rowDimension),
  };
  return {view, figures: [...scalingFigures, ...searchFigures], findings: concludeEach(phase.name, analyses)};
}

interface Draft {
  readonly kind: 'scaling' | 'search';
  readonly title: string;
  readonly draw: () => Promise<string>;
}

async function drawAll(
  slices: readonly Slice[],
  directory: string,
  draft: (slice: Slice) => Draft | undefined,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const slice of slices) {
    const drawing = draft(slice);
    if (drawing === undefined) continue;
    const file = `${drawing.kind}_${slice.slug}.svg`;
    figures.push({file, path: `${directory}/${file}`, title: escapeText(drawing.title), svg: await drawing.draw()});
  }
  return figures;
}

// Validation on the left, the test beside it.
function scalingFigure(phase: ReportPhase, slice: Slice, analyses: readonly ScalingAnalysis[]): Draft | undefined {
  const panels = analyses
    .filter((analysis) => analysis.slice === slice && analysis.validation.points.length > 0)
    .flatMap(({task, validation, test, conclusion}) => [
      panelOf(`${task}, validation`, validation, nameConclusion(conclusion)),
      panelOf(`${task}, sealed test`, test, nameVerdict(conclusion.test)),
    ]);
  const title = `${phase.title}: loss against size, ${slice.label}`;
  return panels.length === 0 ? undefined : {kind: 'scaling', title, draw: () => drawScaling(title, panels)};
}

function panelOf(title: string, split: SplitAnalysis, verdict: string): ScalingPanel {
  return {title, points: split.points, fit: split.fit, verdict, baseRate: describeBaseRate(split)};
}

function searchFigure(phase: ReportPhase, slice: Slice, {rowDimension}: Arrangement): Draft | undefined {
  const studies = slice.experiments.filter((experiment) => isShown(experiment.source.at) && experiment.trials.length > 0);
  const [objective] = studies.flatMap(findObjective);
  if (objective === undefined) return undefined;
  const panels = [...groupBy(studies, (experiment) => experiment.identity.task)].map(([title, members]) => ({
    title,
    studies: members.map((experiment) => ({name: valueOf(experiment, rowDimension), trials: experiment.trials})),
  }));
  const title = `${phase.title}: searches, ${slice.label}`;
  return {kind: 'search', title, draw: () => drawHistory(title, panels, objective)};
}

// A cut search's trials are as good as any; that it is partial is said beside them.
function isShown(state: ReportExperiment['source']['at']): boolean {
  return state === 'current' || state === 'partial';
}

function findObjective({planned}: ReportExperiment): readonly Objective[] {
  return planned.kind === 'study' ? [{metric: planned.metric, goal: planned.goal}] : [];
}
