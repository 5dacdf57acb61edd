// What the files that datasets are made of show before the data step has run: what it would refuse, and which rows it would give. Starts no Python.
import type {Dataset} from '../config/study.ts';
import {dataNodeId} from '../rules/data.ts';
import {isoOf} from '../state/price-dates.ts';
import {usablePrices, warmUp} from '../state/price-bars.ts';
import {describeForeign} from '../state/price-file.ts';
import {readPriceTable, type PriceTable} from '../state/price-table.ts';
import type {Rows} from './gates.ts';
import type {Session} from './session.ts';

export type Looked =
  /** Nothing can be said: it comes with a package, is no CSV, or is too large to be looked at in passing. */
  | {readonly is: 'unknown'}
  | {readonly is: 'missing'; readonly path: string}
  | {readonly is: 'wrong'; readonly message: string}
  | {readonly is: 'sound'; readonly rows: Rows};

const mostBytes = 32 << 20;
const dayMs = 86_400_000;

/** By what was looked at and its digest: a plan asks once for each experiment. */
const looked = new WeakMap<Session['digests'], Map<string, Looked>>();

export function lookAtRaw(session: Session, dataset: Dataset): Looked {
  const {disk, digests} = session;
  const path = rawPathOf(dataset);
  if (path === undefined) return {is: 'unknown'};
  const stat = disk.stat(path);
  if (stat === 'missing') return {is: 'missing', path};
  if (stat.kind !== 'file') return {is: 'wrong', message: `${path} is no file; put the prices there`};
  if (stat.size > mostBytes) return {is: 'unknown'};
  const known = looked.get(digests) ?? new Map<string, Looked>();
  looked.set(digests, known);
  const columns = dataset.origin.kind === 'file' ? columnsOf(session, dataset) : [];
  const {timescale, calendar, keepRows, minRows, maxNan, origin} = dataset;
  const name = JSON.stringify([path, digests.digestOf(path), columns, timescale, calendar, keepRows, minRows, maxNan, origin]);
  const found = known.get(name) ?? look(session, dataset, {path, columns});
  known.set(name, found);
  return found;
}

/** The file that a dataset is read from; undefined where it comes with a package. */
export function rawPathOf({origin, path}: Dataset): string | undefined {
  return origin.kind === 'file' ? path : origin.rawFile;
}

function columnsOf({graph}: Session, dataset: Dataset): readonly string[] {
  const {work} = graph.get(dataNodeId(dataset));
  const columns = work.kind === 'job' ? work.job.record['columns'] : undefined;
  return Array.isArray(columns) ? columns.map(String) : [];
}

interface Place {
  readonly path: string;
  readonly columns: readonly string[];
}

function look({disk, clock}: Session, dataset: Dataset, {path, columns}: Place): Looked {
  const content = disk.readBytes(path);
  if (content === undefined) return {is: 'missing', path};
  if (!/\.csv$/i.test(path)) {
    const foreign = describeForeign(content, path);
    return foreign === undefined ? {is: 'unknown'} : {is: 'wrong', message: `${path} ${foreign}`};
  }
  const {timescale, calendar = 'mon-fri', maxNan, origin} = dataset;
  const today = Math.floor(clock.now() / dayMs);
  const read = readPriceTable(content, {path, columns, as: origin.kind === 'file' ? 'bars' : 'raw', timescale, calendar, maxNan, today});
  return read.is === 'wrong' ? read : asMade(dataset, path, read.table);
}

function asMade({timescale, keepRows, minRows, origin}: Dataset, path: string, table: PriceTable): Looked {
  const isBuilt = origin.kind === 'builder';
  const hasIndicators = isBuilt && origin.tiers.length > 0;
  const prices = isBuilt ? usablePrices(table, {timescale, hasIndicators, keepRows}) : {...table, dates: table.dates.map(isoOf)};
  if (prices === undefined)
    return {
      is: 'wrong',
      message: `${path} gives too few ${timescale} bars: the first ${String(warmUp)} are for indicators to warm up, and nothing is left`,
    };
  const rows = prices.dates.length;
  if (rows < minRows) return {is: 'wrong', message: `${path} gives ${String(rows)} usable rows; at least ${String(minRows)} are needed`};
  return {is: 'sound', rows: {rows, prices}};
}
