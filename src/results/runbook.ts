// Renders the runbook of a phase: what runs, by which commands, at what cost. From the study alone; knows no results.
import type {Experiment, Phase, Study} from '../config/study.ts';
import {codeText, escapeText, formatTable, left, right, tidyMarkdown} from './markdown.ts';
import {formatDuration, formatWhole} from './numbers.ts';
import {inTemplate, renderTemplate} from './template.ts';

/** `template` is the text of `templates/runbook.md.hbs`. */
export async function renderRunbook(study: Study, phase: Phase, template: string): Promise<string> {
  const experiments = study.experiments.filter((experiment) => experiment.phase === phase.name);
  const dataset = study.data.find((candidate) => candidate.name === phase.dataset);
  const [first] = experiments;
  const hasSearches = experiments.some(({source}) => source.kind !== 'record');
  const text = await renderTemplate(template, {
    phase: phase.name,
    title: escapeText(phase.title),
    project: codeText(study.project),
    file: codeText(study.file),
    profile: study.profile ?? '',
    ftsbuild: ['ftsbuild', ...(study.file === 'experiments.yaml' ? [] : ['-f', study.file]), ...flagsOf(study)].join(' '),
    python: codeText(pythonOf(study)),
    dataset: escapeText(phase.dataset),
    dataPath: codeText(dataset?.path ?? ''),
    columns: escapeText([...(first?.dims.keys() ?? [])].join(', ')),
    counts: countOf(experiments),
    experiments: formatExperiments(experiments),
    costs: formatCosts(study, experiments),
    searches:
      hasSearches && experiments.every(({name}) => name.startsWith(`${phase.name}_`)) ? `${study.paths.outputs}/hpo/${phase.name}` : '',
    example: first?.name ?? '',
    hpoScripts: experiments
      .filter((experiment) => experiment.source.kind === 'study')
      .map((experiment) => scriptOf(study, experiment, 'hpo')),
    trainScripts: experiments.filter(({training}) => training.seeds.length > 0).map((experiment) => scriptOf(study, experiment, 'train')),
    outputs: codeText(study.paths.outputs),
    log: codeText(study.paths.log),
    report: codeText(study.paths.report),
  }).catch(inTemplate('runbook.md.hbs'));
  return tidyMarkdown(text);
}

function flagsOf(study: Study): readonly string[] {
  return study.profile === undefined ? [] : ['--profile', study.profile];
}

function pythonOf({python}: Study): string {
  return python.kind === 'venv' ? `${python.directory}/bin/python` : python.path;
}

function scriptOf(study: Study, experiment: Experiment, kind: 'hpo' | 'train'): string {
  return `${study.paths.scripts}/${experiment.phase}/${kind}_${experiment.shortName}.py`;
}

function countOf(experiments: readonly Experiment[]): string {
  const studies = experiments.filter((experiment) => experiment.source.kind === 'study').length;
  const trainings = experiments.reduce((total, experiment) => total + experiment.training.seeds.length, 0);
  const borrowed = experiments.filter((experiment) => experiment.source.kind === 'borrow').length;
  const fixed = experiments.length - studies - borrowed;
  const without = fixed === 0 ? '' : `, ${fixed} without a search`;
  return `${experiments.length} experiments: ${studies} searches, ${borrowed} with borrowed parameters${without}, ${trainings} trainings`;
}

function formatExperiments(experiments: readonly Experiment[]): string {
  const columns = [
    left('experiment'),
    right('budget'),
    left('task'),
    right('horizon'),
    left('parameters from'),
    right('search'),
    right('training'),
  ];
  const rows = experiments.map((experiment) => {
    const {search, training} = costOf(experiment);
    const {budget, task, horizon} = experiment.identity;
    const cells = [escapeText(experiment.name), escapeText(budget), escapeText(task), String(horizon), describeSource(experiment)];
    return [...cells, describeCost(search), describeCost(training)];
  });
  return formatTable(columns, rows);
}

function describeSource({source}: Experiment): string {
  if (source.kind === 'record') return 'the file: nothing is searched';
  if (source.kind === 'borrow') {
    return `${source.method} of ${source.from.map((from) => `${escapeText(from.experiment)} × ${from.weight}`).join(', ')}`;
  }
  const varies = source.searchSummary.varies.map(escapeText).join(', ');
  return `search of ${trialsOf(source.extent)} trials over ${varies} (${formatWhole(source.searchSummary.configurations)} architectures)`;
}

interface Cost {
  /** Undefined where the study has no estimate. */
  readonly ms: number | undefined;
  readonly runs: number;
}

const nothing: Cost = {ms: 0, runs: 0};

function costOf({source, budget, training}: Experiment): {readonly search: Cost; readonly training: Cost} {
  const trials = source.kind === 'study' ? trialsOf(source.extent) : 0;
  const seeds = training.seeds.length;
  const times = (count: number, ms: number | undefined): Cost => ({runs: count, ms: ms === undefined ? undefined : count * ms});
  return {search: source.kind === 'study' ? times(trials, budget.trialMs) : nothing, training: times(seeds, budget.trainingMs)};
}

function trialsOf(extent: Extract<Experiment['source'], {kind: 'study'}>['extent']): number {
  const trials = extent.get('trials')?.value;
  return typeof trials === 'number' ? trials : 0;
}

function describeCost({ms, runs}: Cost): string {
  if (runs === 0) return '–';
  return ms === undefined ? 'unknown' : formatDuration(ms / 1000);
}

function formatCosts(study: Study, experiments: readonly Experiment[]): string {
  const budgets = study.budgets.filter((budget) => experiments.some((experiment) => experiment.budget.name === budget.name));
  const rows = budgets.map((budget) =>
    costRow(
      budget.name,
      experiments.filter((experiment) => experiment.budget.name === budget.name),
    ),
  );
  const columns = [left('budget'), ...['experiments', 'trials', 'search', 'trainings', 'training', 'in all'].map(right)];
  return formatTable(columns, [...rows, costRow('all', experiments)]);
}

function costRow(name: string, experiments: readonly Experiment[]): readonly string[] {
  const costs = experiments.map(costOf);
  const search = addUp(costs.map((cost) => cost.search));
  const training = addUp(costs.map((cost) => cost.training));
  const both = addUp([search, training]);
  return [
    escapeText(name),
    String(experiments.length),
    String(search.runs),
    describeCost(search),
    String(training.runs),
    describeCost(training),
    describeCost(both),
  ];
}

// One unknown part makes the sum unknown: half a cost would read like the whole.
function addUp(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (sum, cost) => ({
      runs: sum.runs + cost.runs,
      ms: sum.ms === undefined || cost.ms === undefined ? undefined : sum.ms + cost.ms,
    }),
    nothing,
  );
}
