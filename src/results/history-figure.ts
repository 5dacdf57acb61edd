// The figure of a phase's searches: the best value so far, trial by trial. Pure.
import {drawChart, palette} from './chart.ts';
import {findEvenTicks, formatFixed} from './numbers.ts';
import {layOut, sizeOf, type Axis, type Panel} from './panels.ts';
import type {TrialRecord} from './records.ts';

export interface HistoryPanel {
  readonly title: string;
  readonly studies: readonly StudyHistory[];
}

export interface StudyHistory {
  /** What tells the studies of a panel apart: a budget, mostly. The same name has the same colour in every panel. */
  readonly name: string;
  readonly trials: readonly TrialRecord[];
}

export interface Objective {
  readonly metric: 'val_loss' | 'val_auc';
  readonly goal: 'minimize' | 'maximize';
}

export async function drawHistory(heading: string, panels: readonly HistoryPanel[], objective: Objective): Promise<string> {
  const names = [...new Set(panels.flatMap((panel) => panel.studies.map((study) => study.name)))];
  const laidOut = panels.map((panel) => layOutPanel(panel, objective));
  const colourOf = (name: string): string => palette[names.indexOf(name) % palette.length] ?? palette[0];
  const series = panels.flatMap((panel, index) =>
    panel.studies.flatMap((study) =>
      seriesOf(study, colourOf(study.name), objective).map((entry) => ({...entry, xAxisIndex: index, yAxisIndex: index})),
    ),
  );
  const legend = names.map((name) => ({name, icon: 'path://M0 4h22v3H0z', itemStyle: {color: colourOf(name), opacity: 1}}));
  return drawChart({
    ...sizeOf(panels.length),
    title: heading,
    description: panels.map((panel) => `${panel.title}: ${panel.studies.map((study) => describe(study, objective)).join(', ')}`).join('. '),
    option: {...layOut(heading, laidOut, legend), series},
  });
}

/** The best value after each ended trial; trials without a value keep the last one. */
export function bestSoFar(trials: readonly TrialRecord[], goal: Objective['goal']): readonly (number | null)[] {
  const better = goal === 'minimize' ? Math.min : Math.max;
  let best: number | null = null;
  return trials.map((trial) => {
    if (trial.state === 'complete' && trial.value !== null) best = best === null ? trial.value : better(best, trial.value);
    return best;
  });
}

function layOutPanel(panel: HistoryPanel, objective: Objective): Panel {
  const longest = Math.max(1, ...panel.studies.map((study) => study.trials.length));
  const high = longest + 1;
  const x: Axis = {name: 'Trial', low: 0, high, ticks: findEvenTicks(0, high).filter(Number.isInteger), format: String, scale: 'linear'};
  return {title: panel.title, subtitle: 'lines: best so far; dots: completed trials', x, y: valueAxis(panel, objective)};
}

// From the best value to the worst best-so-far, with the better three quarters of all trials: one diverged trial would flatten the rest.
function valueAxis(panel: HistoryPanel, objective: Objective): Axis {
  const values = panel.studies.flatMap((study) => completeValues(study.trials));
  const ordered = [...values].sort((left, right) => (objective.goal === 'minimize' ? left - right : right - left));
  const bests = panel.studies.flatMap((study) => bestSoFar(study.trials, objective.goal).slice(-Math.ceil(study.trials.length * 0.9)));
  const shown = [...ordered.slice(0, Math.ceil(ordered.length * 0.75)), ...bests.filter((value) => value !== null)];
  const [from, to] = shown.length === 0 ? [0, 1] : [Math.min(...shown), Math.max(...shown)];
  const margin = Math.max((to - from) * 0.08, Math.abs(to) * 0.002);
  const [low, high] = [from - margin, to + margin];
  const digits = Math.max(2, Math.ceil(-Math.log10((high - low) / 4)));
  const name = objective.metric === 'val_loss' ? 'Validation loss (nats)' : 'Validation AUC';
  return {name, low, high, ticks: findEvenTicks(low, high), format: (value) => value.toFixed(digits), scale: 'linear'};
}

function completeValues(trials: readonly TrialRecord[]): readonly number[] {
  return trials.flatMap((trial) => (trial.state === 'complete' && trial.value !== null ? [trial.value] : []));
}

function seriesOf(study: StudyHistory, colour: string, {goal}: Objective): object[] {
  const best = bestSoFar(study.trials, goal).flatMap((value, index) => (value === null ? [] : [[index + 1, value]]));
  const dots = study.trials.flatMap((trial, index) =>
    trial.state === 'complete' && trial.value !== null ? [[index + 1, trial.value]] : [],
  );
  return [
    {
      type: 'scatter',
      name: study.name,
      symbolSize: 5,
      itemStyle: {color: colour, opacity: 0.35},
      data: dots,
      clip: true,
      silent: true,
      z: 2,
    },
    {
      type: 'line',
      name: study.name,
      step: 'end',
      showSymbol: false,
      lineStyle: {color: colour, width: 2},
      itemStyle: {color: colour},
      data: best,
      clip: true,
      silent: true,
      z: 3,
    },
  ];
}

function describe(study: StudyHistory, objective: Objective): string {
  return `${study.name} reaches ${formatFixed(bestSoFar(study.trials, objective.goal).at(-1), 4)} in ${study.trials.length} trials`;
}
