// The figure of a scaling analysis: loss against measured parameters, with fit, interval and every run. Pure.
import {drawChart, ink, palette} from './chart.ts';
import {bandAt, lossAt, type FitPoint, type PowerFit, type PowerLaw} from './fits.ts';
import {findLogTicks, formatCount, formatFixed} from './numbers.ts';
import {layOut, place, sizeOf, type Axis, type Panel} from './panels.ts';

export interface ScalingPanel {
  readonly title: string;
  readonly points: readonly FitPoint[];
  readonly fit: PowerLaw;
  /** A few words: what the fit shows. */
  readonly verdict: string;
  /** What a model scores that always predicts it. */
  readonly baseRate: string;
}

const names = {run: 'run', fit: 'fitted power law', band: '95 % interval of the fit'} as const;
const colours = {run: palette[0], fit: palette[1], band: '#f6dcca'} as const;

export async function drawScaling(heading: string, panels: readonly ScalingPanel[]): Promise<string> {
  const laidOut = panels.map((panel) => layOutPanel(panel));
  const marks = [
    {name: names.run, icon: 'circle', itemStyle: {color: colours.run}},
    {name: names.fit, icon: 'path://M0 4h22v3H0z', itemStyle: {color: colours.fit}},
    {name: names.band, icon: 'rect', itemStyle: {color: colours.band}},
  ];
  const series = panels.flatMap((panel, index) => {
    const axes = laidOut[index];
    return axes === undefined ? [] : seriesOf(panel, axes).map((entry) => ({...entry, xAxisIndex: index, yAxisIndex: index}));
  });
  // Where too few sizes were run there is no fit to explain.
  const legend = marks.filter(({name}) => series.some((entry) => entry.name === name));
  return drawChart({
    ...sizeOf(panels.length),
    title: heading,
    description: panels.map((panel) => `${panel.title}: ${subtitleOf(panel).replace('\n', '; ')}`).join('. '),
    option: {...layOut(heading, laidOut, legend), series},
  });
}

function layOutPanel(panel: ScalingPanel): Panel {
  const x = sizeAxis([...new Set(panel.points.map((point) => point.n))]);
  const y = lossAxis(panel);
  return {title: panel.title, subtitle: subtitleOf(panel), x, y};
}

function subtitleOf(panel: ScalingPanel): string {
  const base = `base rate ${panel.baseRate}`;
  if (panel.fit.at === 'too_few_points') return `${panel.verdict}\n${base}`;
  const {alpha, interval} = panel.fit;
  return `α = ${formatFixed(alpha, 4)} [${formatFixed(interval.low, 4)}, ${formatFixed(interval.high, 4)}]: ${panel.verdict}\n${base}`;
}

// A tick at each budget, rounded (2.42M is called 2M), where they are few and apart; else round values.
function sizeAxis(sizes: readonly number[]): Axis {
  const axis = logAxis('Parameters (measured on the built model)', extentOf(sizes, 1.6), formatCount);
  const budgets = [...new Set(sizes.map((size) => Number(size.toPrecision(1))))]
    .filter((size) => size >= axis.low && size <= axis.high)
    .sort((left, right) => left - right);
  const closest = Math.min(...budgets.slice(1).map((size, index) => Math.log(size / (budgets[index] ?? size))));
  const areApart = budgets.length > 1 && closest > 0.12 * Math.log(axis.high / axis.low);
  return areApart ? {...axis, ticks: budgets} : axis;
}

// As wide as the runs need; an interval of two degrees of freedom may leave the panel rather than flatten the runs.
function lossAxis(panel: ScalingPanel): Axis {
  const [low, high] = extentOf(
    panel.points.map((point) => point.loss),
    1.02,
  );
  const margin = Math.max((high / low) ** 0.35, 1.02);
  const extent: readonly [number, number] = [low / margin, high * margin];
  const digits = extent[1] - extent[0] < 0.08 ? 3 : 2;
  return logAxis('Loss (nats)', extent, (value) => value.toFixed(digits));
}

function logAxis(name: string, [low, high]: readonly [number, number], format: (value: number) => string): Axis {
  return {name, low, high, ticks: findLogTicks(low, high), format, scale: 'log'};
}

function extentOf(values: readonly number[], factor: number): readonly [number, number] {
  return [Math.min(...values) / factor, Math.max(...values) * factor];
}

function seriesOf(panel: ScalingPanel, {x, y}: Panel): NamedSeries[] {
  const at = (n: number, loss: number): [number, number] => [place(x, n), place(y, loss)];
  const runs = {
    name: names.run,
    type: 'scatter',
    symbolSize: 8,
    itemStyle: {color: colours.run, opacity: 0.75, borderColor: '#ffffff', borderWidth: 1},
    data: panel.points.map((point) => at(point.n, point.loss)),
    silent: true,
    z: 4,
  };
  if (panel.fit.at === 'too_few_points') return [runs];
  const fit = panel.fit;
  const steps = Array.from({length: 41}, (_, step) => x.low * (x.high / x.low) ** (step / 40));
  const line = {
    name: names.fit,
    type: 'line',
    showSymbol: false,
    lineStyle: {color: colours.fit, width: 2},
    itemStyle: {color: colours.fit},
    data: steps.map((n) => at(n, lossAt(fit, n))),
    silent: true,
    z: 3,
  };
  return [bandSeries(fit, steps, at), line, runs];
}

/** A series of ECharts. */
interface NamedSeries {
  readonly name: string;
  readonly [option: string]: unknown;
}

interface Drawing {
  coord(point: readonly number[]): number[];
}

function bandSeries(fit: PowerFit, sizes: readonly number[], at: (n: number, loss: number) => [number, number]): NamedSeries {
  const upper = sizes.map((n) => at(n, bandAt(fit, n).high));
  const lower = sizes.map((n) => at(n, bandAt(fit, n).low)).reverse();
  return {
    name: names.band,
    type: 'custom',
    clip: true,
    silent: true,
    z: 1,
    itemStyle: {color: colours.band},
    data: [upper[0] ?? [0, 0]],
    renderItem: (_: unknown, drawing: Drawing) => ({
      type: 'polygon',
      shape: {points: [...upper, ...lower].map((point) => drawing.coord(point))},
      style: {fill: colours.band, stroke: ink.grid},
    }),
  };
}
