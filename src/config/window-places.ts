// Which rows the windows of each split end at: the arithmetic of `fts.splits`, row by row. docs/design.md, "Splits, exactly". Knows no labels.
import type {JsonObject} from '../base/json.ts';
import {permutation} from '../base/permutation.ts';

export type Use = 'train' | 'val' | 'test';

/** Last rows of the windows of each split, ascending. */
export type WindowPlaces = Readonly<Record<Use, readonly number[]>>;

interface Block {
  readonly start: number;
  /** The first row after it. */
  readonly stop: number;
  readonly use: Exclude<Use, 'train'>;
}

/** Undefined where the record's split cannot be placed over these rows. `record` is the flat record of an experiment. */
export function placeWindows(record: JsonObject, dates: readonly string[]): WindowPlaces | undefined {
  const [context, horizon] = [numberAt(record, 'context'), numberAt(record, 'horizon')];
  const blocks = placeBlocks(record, dates, context + horizon);
  if (blocks === undefined || context < 1) return undefined;
  const embargo = record['split.mode'] === 'classic' ? 0 : numberAt(record, 'split.embargo');
  const inside = (use: Use): readonly number[] =>
    blocks.flatMap((block) => (block.use === use ? range(block.start + context - 1, block.stop - horizon) : []));
  const train = trainingEnds({blocks, rows: dates.length, context, horizon, embargo});
  return {train, val: inside('val'), test: inside('test')};
}

function placeBlocks(record: JsonObject, dates: readonly string[], span: number): readonly Block[] | undefined {
  const rows = dates.length;
  const [validation, test] = [numberAt(record, 'split.validation'), numberAt(record, 'split.test')];
  const mode = record['split.mode'];
  if (mode === 'dates') return placeDates(record, dates);
  if (validation < 0 || test < 0 || validation + test >= 1) return undefined;
  if (mode === 'contiguous') {
    const last = rows - Math.trunc(test * rows);
    return [
      {start: last - Math.trunc(validation * rows), stop: last, use: 'val'},
      {start: last, stop: rows, use: 'test'},
    ];
  }
  const length = mode === 'classic' ? span : numberAt(record, 'split.block');
  return length < 1 ? undefined : scatter({validation, test, seed: numberAt(record, 'split.seed')}, rows, length);
}

// A permutation's first blocks validate, the next ones test. In the order of the rows.
function scatter(
  shares: {readonly validation: number; readonly test: number; readonly seed: number},
  rows: number,
  length: number,
): readonly Block[] {
  const count = Math.floor(rows / length);
  const held = Math.trunc(shares.validation * count);
  const sealed = Math.trunc(shares.test * count);
  const drawn = permutation(shares.seed, count).slice(0, held + sealed);
  return drawn
    .map((index, place): Block => ({start: index * length, stop: (index + 1) * length, use: place < held ? 'val' : 'test'}))
    .toSorted((left, right) => left.start - right.start);
}

function placeDates(record: JsonObject, dates: readonly string[]): readonly Block[] | undefined {
  const day = (name: string): string | undefined => {
    const value = record[`split.${name}`];
    return typeof value === 'string' ? value : undefined;
  };
  const [validationFrom, testFrom] = [day('validation_from'), day('test_from')];
  if (validationFrom === undefined || testFrom === undefined) return undefined;
  const from = (date: string): number => firstRow(dates, (other) => other >= date);
  const after = (date: string): number => firstRow(dates, (other) => other > date);
  const [validationTo, testTo] = [day('validation_to'), day('test_to')];
  const validation = {start: from(validationFrom), stop: validationTo === undefined ? from(testFrom) : after(validationTo)};
  const test = {start: from(testFrom), stop: testTo === undefined ? dates.length : after(testTo)};
  if (validation.stop < validation.start || test.stop < test.start) return undefined;
  if (validation.start < test.stop && test.start < validation.stop) return undefined;
  return [
    {...validation, use: 'val'},
    {...test, use: 'test'},
  ];
}

function firstRow(dates: readonly string[], isPast: (date: string) => boolean): number {
  const row = dates.findIndex(isPast);
  return row === -1 ? dates.length : row;
}

interface Ground {
  readonly blocks: readonly Block[];
  readonly rows: number;
  readonly context: number;
  readonly horizon: number;
  readonly embargo: number;
}

// Windows whose span touches no evaluation block, and does not begin within the embargo after one.
function trainingEnds({blocks, rows, context, horizon, embargo}: Ground): readonly number[] {
  const resting = new Uint8Array(rows);
  const evaluated = new Uint8Array(rows);
  for (const {start, stop} of blocks) {
    evaluated.fill(1, start, stop);
    resting.fill(1, stop, stop + embargo);
  }
  // Evaluated rows before each row: a span touches none where the count does not grow over it.
  const before = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row += 1) before[row + 1] = (before[row] ?? 0) + (evaluated[row] ?? 0);
  return range(context - 1, rows - horizon).filter((end) => {
    const start = end - context + 1;
    return before[end + horizon + 1] === before[start] && resting[start] === 0;
  });
}

function range(first: number, stop: number): readonly number[] {
  return Array.from({length: Math.max(0, stop - first)}, (_, index) => first + index);
}

function numberAt(record: JsonObject, name: string): number {
  const value = record[name];
  return typeof value === 'number' ? value : 0;
}
