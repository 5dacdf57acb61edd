// Gates before a job: what can be known to be in vain is refused, with its numbers, before anything is spent.
import type {JsonObject} from '../base/json.ts';
import {countWindows, splitProblem, type Extent, type Split} from '../config/split.ts';
import type {JobWork} from '../graph/node.ts';
import type {DataEntry} from '../state/data-manifest.ts';
import {unpackPrices, type Prices} from '../state/prices.ts';
import {countPositives, describeTooFew} from './positives.ts';
import type {Session} from './session.ts';

export interface Refusal {
  readonly reason: 'refused' | 'assert';
  readonly message: string;
}

/** What is known of the data of an experiment: how many usable rows, and, where they are kept, the prices that labels are made of. */
export interface Rows {
  readonly rows: number;
  readonly prices: Prices | undefined;
}

/** What follows from rows and prices alone; undefined where they are enough, or not known yet. Nothing is spent, and nothing is recorded of it. */
export function findRefusal(session: Session, work: JobWork): Refusal | undefined {
  const entry = work.data === undefined ? undefined : session.world.findDataEntry(work.data);
  return entry === undefined ? undefined : refuseFor(session, work, {rows: entry.rows, prices: pricesOf(entry)});
}

/** The same for data that is not built yet, as far as its raw file shows what it will hold. */
export function refuseFor(session: Session, work: JobWork, {rows, prices}: Rows): Refusal | undefined {
  const extent = {rows, context: numberAt(work.record, 'context'), horizon: numberAt(work.record, 'horizon')};
  const problem = splitProblem(splitOf(work.record), extent);
  if (problem !== undefined) return {reason: 'refused', message: `too little data: ${problem}`};
  const counts = prices === undefined ? undefined : countPositives(prices, work.record);
  const tooFew = counts === undefined ? undefined : describeTooFew(counts, work.record);
  if (tooFew !== undefined) return {reason: 'refused', message: `too little data: ${tooFew}`};
  return refuseByAssertion(session, work, {extent, counts: counts ?? windowsOnly(work, extent)});
}

// Entries live as long as nothing on the disk changes; their prices are unpacked for the first of the nodes that asks.
const unpacked = new WeakMap<DataEntry, Prices | 'unknown'>();

function pricesOf(entry: DataEntry): Prices | undefined {
  const prices = unpacked.get(entry) ?? (entry.prices === undefined ? undefined : unpackPrices(entry.prices)) ?? 'unknown';
  unpacked.set(entry, prices);
  return prices === 'unknown' || prices.dates.length !== entry.rows ? undefined : prices;
}

type Windows = Readonly<Record<'train' | 'val' | 'test', {readonly windows: number | null}>>;

function windowsOnly({record}: JobWork, extent: Extent): Windows {
  const counts = countWindows(splitOf(record), extent);
  return {train: {windows: counts?.train ?? null}, val: {windows: counts?.val ?? null}, test: {windows: counts?.test ?? null}};
}

function refuseByAssertion(
  {conditions}: Session,
  {asserts}: JobWork,
  {extent, counts}: {readonly extent: Extent; readonly counts: Windows},
): Refusal | undefined {
  if (asserts.length === 0) return undefined;
  const windows = (use: keyof Windows): Windows['train'] => ({windows: counts[use].windows});
  const variables = {rows: extent.rows, train: windows('train'), val: windows('val'), test: windows('test')};
  for (const {expression} of asserts) {
    const outcome = conditions.evaluate(expression, variables);
    if (outcome?.holds !== false) continue;
    const detail = outcome.detail === '' ? '' : ` (${outcome.detail})`;
    return {reason: 'assert', message: `the assertion \`${expression}\` does not hold${detail}`};
  }
  return undefined;
}

function splitOf(record: JsonObject): Split {
  const mode = record['split.mode'];
  return {
    mode: mode === 'contiguous' || mode === 'dates' || mode === 'classic' ? mode : 'scattered',
    block: numberAt(record, 'split.block'),
    validation: numberAt(record, 'split.validation'),
    test: numberAt(record, 'split.test'),
    embargo: numberAt(record, 'split.embargo'),
    minWindows: numberAt(record, 'split.min_windows'),
  };
}

function numberAt(record: JsonObject, name: string): number {
  const value = record[name];
  return typeof value === 'number' ? value : 0;
}
