// How many windows and positives each split of an experiment holds, counted from the prices of its data. Trains nothing, opens no file.
import type {JsonObject} from '../base/json.ts';
import {placeWindows, type Use} from '../config/window-places.ts';
import type {Prices} from '../state/prices.ts';

export interface Count {
  readonly windows: number;
  readonly positives: number;
}

export type SplitCounts = Readonly<Record<Use, Count>>;

/** Experiments of one study share prices, labels and splits: each is made once. */
const known = new WeakMap<Prices, Map<string, SplitCounts | undefined>>();

/** Undefined where the split cannot be placed; the job says why. */
export function countPositives(prices: Prices, record: JsonObject): SplitCounts | undefined {
  const counts = known.get(prices) ?? new Map<string, SplitCounts | undefined>();
  known.set(prices, counts);
  const asked = Object.entries(record).filter(([name]) => name.startsWith('split.') || ['context', 'horizon', 'task.pct'].includes(name));
  const name = JSON.stringify(asked);
  if (!counts.has(name)) counts.set(name, count(prices, record));
  return counts.get(name);
}

function count(prices: Prices, record: JsonObject): SplitCounts | undefined {
  const places = placeWindows(record, prices.dates);
  const [pct, horizon] = [record['task.pct'], record['horizon']];
  if (places === undefined || typeof pct !== 'number' || typeof horizon !== 'number') return undefined;
  const countIn = (ends: readonly number[]): Count => ({
    windows: ends.length,
    positives: ends.filter((end) => rises(prices, {end, pct, horizon})).length,
  });
  return {train: countIn(places.train), val: countIn(places.val), test: countIn(places.test)};
}

/** Spec section 5, and `fts.labels`: the highest High of the next rows is at least the close, raised by so many per cent. */
function rises(
  {high, close}: Prices,
  {end, pct, horizon}: {readonly end: number; readonly pct: number; readonly horizon: number},
): boolean {
  const wanted = (close[end] ?? 0) * (1 + pct / 100);
  for (let row = end + 1; row <= end + horizon; row += 1) if ((high[row] ?? 0) >= wanted) return true;
  return false;
}

/** All that is too little in one sentence, as the job would say it; undefined where there is enough. */
export function describeTooFew(counts: SplitCounts, record: JsonObject): string | undefined {
  const [leastWindows, leastPositives] = [numberAt(record, 'split.min_windows'), numberAt(record, 'split.min_positives')];
  const uses: readonly Use[] = ['train', 'val', 'test'];
  const problems = uses.flatMap((use) => {
    const {windows, positives} = counts[use];
    const found: string[] = [];
    if (windows < leastWindows) found.push(`${use} has ${String(windows)} windows of ${String(leastWindows)}`);
    if (positives < leastPositives) found.push(`${use} has ${String(positives)} positives of ${String(leastPositives)}`);
    if (windows === 0 && leastWindows <= 0) found.push(`${use} has no windows`);
    if (windows > 0 && (positives === 0 || positives === windows))
      found.push(`${use} has one class only (${String(positives)} of ${String(windows)} windows are positive)`);
    return found;
  });
  return problems.length === 0 ? undefined : problems.join('; ');
}

function numberAt(record: JsonObject, name: string): number {
  const value = record[name];
  return typeof value === 'number' ? value : 0;
}
