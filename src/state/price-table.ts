// Reads prices from the text of a CSV, and says the first thing that the data step would refuse in it. Computes no indicator.
import {suggestion} from '../base/suggest.ts';
import {dayOf, findImpossibleDates, isoOf, rhythmOf} from './price-dates.ts';
import {describeForeign} from './price-file.ts';

export interface Wanted {
  /** As messages name it; its ending says what it is. */
  readonly path: string;
  /** Columns that must hold numbers, beside the prices. */
  readonly columns: readonly string[];
  /** `raw`: daily prices that a builder makes bars of; `bars`: a file that is used as it is. */
  readonly as: 'raw' | 'bars';
  readonly timescale: string;
  readonly calendar: string;
  /** Missing values that are tolerated in `columns`. */
  readonly maxNan: number;
  /** Days since 1970-01-01. */
  readonly today: number;
}

export interface PriceTable {
  /** Days since 1970-01-01. */
  readonly dates: readonly number[];
  readonly high: readonly number[];
  readonly close: readonly number[];
  readonly header: readonly string[];
}

export type Read = {readonly is: 'sound'; readonly table: PriceTable} | {readonly is: 'wrong'; readonly message: string};

/** As `fts.data.table`: relative; what lies within it is the rounding of an adjustment. */
const tolerance = 1e-9;

export function readPriceTable(content: Uint8Array, wanted: Wanted): Read {
  const foreign = describeForeign(content, wanted.path);
  if (foreign !== undefined) return wrong(`${wanted.path} ${foreign}`);
  const rows = parseRows(new TextDecoder().decode(content));
  if (typeof rows === 'string') return wrong(`${wanted.path} cannot be read: ${rows}`);
  const [header = [], ...records] = rows;
  const message = findHeaderProblem(header, wanted);
  if (message !== undefined) return wrong(`${wanted.path} ${message}`);
  if (records.length === 0) return wrong(`${wanted.path}: has no rows; put the prices there`);
  const read = readColumns(header, records, wanted);
  return typeof read === 'string' ? wrong(`${wanted.path}: ${read}`) : {is: 'sound', table: {...read, header}};
}

function wrong(message: string): Read {
  return {is: 'wrong', message};
}

/** Cells by line; empty lines are none. A text where a line has another number of cells than the first. */
function parseRows(text: string): readonly (readonly string[])[] | string {
  const rows = (text.includes('"') ? splitQuoted(text) : text.split(/\r\n|\n|\r/).map((line) => line.split(','))).filter(
    (cells) => cells.length > 1 || cells[0] !== '',
  );
  const width = rows[0]?.length ?? 0;
  const odd = rows.findIndex((cells) => cells.length !== width);
  return odd < 0 ? rows : `row ${String(odd)} has ${String(rows[odd]?.length)} cells, and the header ${String(width)}`;
}

function splitQuoted(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n|\n|\r|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.filter((cells) => cells.length > 0);
}

function neededColumns({as, columns}: Wanted): readonly string[] {
  const prices = as === 'raw' ? ['Open', 'High', 'Low', 'Close', 'Volume'] : ['High', 'Close'];
  return [...new Set([...prices, ...columns])].filter((name) => name !== 'Date');
}

function findHeaderProblem(header: readonly string[], wanted: Wanted): string | undefined {
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) return `has more than one column "${twice}", and which is meant nobody can tell; leave one of each name`;
  const missing = ['Date', ...neededColumns(wanted)].filter((name) => !header.includes(name));
  const [first] = missing;
  if (first === undefined) return undefined;
  const more = missing.length > 1 ? ` and ${String(missing.length - 1)} more that are read` : '';
  const near = header.find((name) => name.toLowerCase() === first.toLowerCase());
  return `has no column "${first}"${more}; names are case-sensitive. ${near === undefined ? suggestion(first, header, 'It has') : `Did you mean "${near}"?`}`;
}

function readColumns(
  header: readonly string[],
  records: readonly (readonly string[])[],
  wanted: Wanted,
): Omit<PriceTable, 'header'> | string {
  const dates: number[] = [];
  const at = header.indexOf('Date');
  for (const [index, record] of records.entries()) {
    const day = dayOf(record[at] ?? '');
    const before = dates.at(-1);
    if (day === undefined) return `column "Date" is "${record[at] ?? ''}" in row ${String(index + 1)}; a date like 1999-12-31 is needed`;
    if (before !== undefined && day <= before)
      return `column "Date" is not sorted: row ${String(index + 1)} is ${isoOf(day)}, after ${isoOf(before)}; oldest first is needed, one row a date`;
    dates.push(day);
  }
  const numbers = new Map<string, readonly number[]>();
  for (const name of neededColumns(wanted)) {
    const column = header.indexOf(name);
    const texts = records.map((record) => (record[column] ?? '').trim());
    const values = texts.map(numberOf);
    const bad = values.findIndex((value) => value === undefined);
    if (bad >= 0) return `column "${name}" is "${texts[bad] ?? ''}" in row ${String(bad + 1)}; a number is needed`;
    numbers.set(
      name,
      values.map((value) => value ?? NaN),
    );
  }
  return (
    findPriceProblem(dates, numbers) ??
    findImpossibleDates(dates, wanted.as === 'raw' ? {...wanted, timescale: rhythmOf(dates, wanted.timescale)} : wanted) ??
    findMissingValues(numbers, wanted) ?? {dates, high: numbers.get('High') ?? [], close: numbers.get('Close') ?? []}
  );
}

const empties = new Set(['', 'nan', 'null', 'na', 'n/a', '#n/a', '#n/a n/a', '#na', '-nan', '-1.#ind', '1.#ind', '1.#qnan', '-1.#qnan']);

/** NaN for nothing; undefined for what is no number. */
function numberOf(text: string): number | undefined {
  if (empties.has(text.toLowerCase())) return NaN;
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

function findPriceProblem(dates: readonly number[], numbers: ReadonlyMap<string, readonly number[]>): string | undefined {
  const where = (row: number): string => `in row ${String(row + 1)} (${isoOf(dates[row] ?? 0)})`;
  for (const name of ['Open', 'High', 'Low', 'Close', 'Volume']) {
    const isVolume = name === 'Volume';
    const values = numbers.get(name) ?? [];
    const row = values.findIndex((value) => !(isVolume ? value >= 0 : value > 0) || !Number.isFinite(value));
    if (row >= 0) return `column "${name}" is ${String(values[row])} ${where(row)}; a number ${isVolume ? 'at or ' : ''}above 0 is needed`;
  }
  for (const [upper, lower] of [
    ['High', 'Low'] as const,
    ['High', 'Open'] as const,
    ['High', 'Close'] as const,
    ['Open', 'Low'] as const,
    ['Close', 'Low'] as const,
  ]) {
    const [tops, bottoms] = [numbers.get(upper), numbers.get(lower)];
    if (tops === undefined || bottoms === undefined) continue;
    const row = tops.findIndex((value, index) => value < (bottoms[index] ?? 0) * (1 - tolerance));
    if (row >= 0)
      return `column "${upper}" (${String(tops[row])}) is below "${lower}" (${String(bottoms[row])}) ${where(row)}; High must be the highest and Low the lowest price of a row`;
  }
  return undefined;
}

function findMissingValues(numbers: ReadonlyMap<string, readonly number[]>, {columns, maxNan}: Wanted): string | undefined {
  const counts = columns.map((name) => [name, (numbers.get(name) ?? []).filter((value) => !Number.isFinite(value)).length] as const);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const [worst] = counts.toSorted(([, left], [, right]) => right - left);
  if (worst === undefined || total <= maxNan) return undefined;
  return `has ${String(total)} empty, NaN or infinite values, at most ${String(maxNan)} are allowed; the most are in column "${worst[0]}" (${String(worst[1])})`;
}
