// Lays small charts out in two columns under one heading: places, headings, axes. Knows nothing of what they show.
import {fontFamily, ink} from './chart.ts';

/** What one panel shows beside its series. */
export interface Panel {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
}

export interface Axis {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  readonly scale: 'linear' | 'log';
}

const cell = {width: 440, height: 336, left: 74, right: 18, top: 82, bottom: 54};
const headingHeight = 34;
const legendHeight = 34;

export function sizeOf(panels: number): {readonly width: number; readonly height: number} {
  const rows = Math.ceil(panels / 2);
  return {width: cell.width * Math.min(2, Math.max(1, panels)), height: headingHeight + rows * cell.height + legendHeight};
}

/** An ECharts option without series; series `i` of a panel takes `xAxisIndex` and `yAxisIndex` of that panel. */
export function layOut(heading: string, panels: readonly Panel[], legend: readonly object[]) {
  const heads = panels.map((panel, index) => ({
    ...cornerOf(index),
    text: panel.title,
    subtext: panel.subtitle,
    itemGap: 4,
    textStyle: {fontFamily, fontSize: 14, fontWeight: 'bold' as const, color: ink.text},
    subtextStyle: {fontFamily, fontSize: 12, color: ink.muted},
  }));
  return {
    title: [
      {text: heading, left: 14, top: 10, textStyle: {fontFamily, fontSize: 16, fontWeight: 'bold' as const, color: ink.text}},
      ...heads,
    ],
    legend: {
      bottom: 8,
      left: 'center',
      itemGap: 22,
      itemWidth: 22,
      itemHeight: 10,
      selectedMode: false as const,
      textStyle: {fontFamily, fontSize: 12, color: ink.text},
      data: [...legend],
    },
    grid: panels.map((_, index) => boxOf(index)),
    xAxis: panels.map((panel, index) => ({...axisOption(panel.x), gridIndex: index, nameGap: 30})),
    yAxis: panels.map((panel, index) => ({...axisOption(panel.y), gridIndex: index, nameGap: 54})),
  };
}

/** A value's place on its axis. */
export function place(axis: Axis, value: number): number {
  return axis.scale === 'log' ? Math.log10(value) : value;
}

function cornerOf(index: number): {left: number; top: number} {
  return {left: (index % 2) * cell.width + cell.left - 5, top: headingHeight + Math.floor(index / 2) * cell.height + 10};
}

function boxOf(index: number): object {
  return {
    left: (index % 2) * cell.width + cell.left,
    top: headingHeight + Math.floor(index / 2) * cell.height + cell.top,
    width: cell.width - cell.left - cell.right,
    height: cell.height - cell.top - cell.bottom,
    containLabel: false,
  };
}

// Logarithmic axes are drawn as linear ones over logarithms: ECharts labels whole decades only, and a loss spans less than one.
function axisOption(axis: Axis): object {
  const customValues = axis.ticks.map((tick) => place(axis, tick));
  const back = (value: number): string => axis.format(axis.scale === 'log' ? 10 ** value : value);
  return {
    type: 'value',
    min: place(axis, axis.low),
    max: place(axis, axis.high),
    name: axis.name,
    nameLocation: 'middle',
    nameTextStyle: {fontFamily, fontSize: 12, color: ink.text},
    axisLine: {show: true, onZero: false, lineStyle: {color: ink.axis}},
    axisTick: {show: true, customValues, lineStyle: {color: ink.axis}},
    axisLabel: {customValues, formatter: back, fontFamily, fontSize: 12, color: ink.text, hideOverlap: true},
    splitLine: {show: true, lineStyle: {color: ink.grid}},
  };
}
