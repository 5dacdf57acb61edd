// Makes bars of a longer timescale of daily prices, and finds the rows that a dataset will hold: what `fts.data` does, for the prices that labels need.
import {isoOf} from './price-dates.ts';
import type {PriceTable} from './price-table.ts';
import type {Prices} from './prices.ts';

/** Rows that the indicators need before their first value (`WARM_UP` of `fts.data.indicators`); a test compares. */
export const warmUp = 252;

export interface Making {
  readonly timescale: string;
  readonly hasIndicators: boolean;
  readonly keepRows: number | undefined;
}

type Bars = Pick<PriceTable, 'dates' | 'high' | 'close'>;

/** Undefined where nothing is left after the warm-up. */
export function usablePrices(daily: Bars, {timescale, hasIndicators, keepRows}: Making): Prices | undefined {
  const bars = aggregate(daily, timescale);
  const dropped = hasIndicators ? warmUp : 0;
  if (dropped >= bars.dates.length) return undefined;
  const first = keepRows === undefined ? dropped : Math.max(dropped, bars.dates.length - keepRows);
  return {dates: bars.dates.slice(first).map(isoOf), high: bars.high.slice(first), close: bars.close.slice(first)};
}

// A bar has the highest high and the last close of its days, and the date of its last day. A last bar that later days could still join is dropped.
export function aggregate(daily: Bars, timescale: string): Bars {
  if (timescale === 'daily') return daily;
  const bounds = timescale === 'weekly' ? weekBounds(daily.dates) : groupBounds(daily.dates.length, Number.parseInt(timescale, 10));
  const spans = bounds.slice(1).map((stop, index) => [bounds[index] ?? 0, stop] as const);
  return {
    dates: spans.map(([, stop]) => daily.dates[stop - 1] ?? 0),
    high: spans.map(([start, stop]) => daily.high.slice(start, stop).reduce((top, value) => Math.max(top, value), 0)),
    close: spans.map(([, stop]) => daily.close[stop - 1] ?? 0),
  };
}

function groupBounds(rows: number, length: number): readonly number[] {
  return Array.from({length: Math.floor(rows / length) + 1}, (_, index) => index * length);
}

const friday = 4;

// Calendar weeks, Monday to Sunday; the last one is whole from Friday on.
function weekBounds(dates: readonly number[]): readonly number[] {
  const week = (day: number): number => Math.floor((day + 3) / 7);
  const bounds = dates.flatMap((day, index) => (index === 0 || week(day) !== week(dates[index - 1] ?? day) ? [index] : []));
  const last = dates.at(-1);
  return last !== undefined && (last + 3) % 7 >= friday ? [...bounds, dates.length] : bounds;
}
