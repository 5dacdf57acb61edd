// How much work a training is before it runs: windows, patches and epochs, by its record and what is known of its data. Pure arithmetic.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {countWindows, type Split} from '../config/split.ts';
import type {Machine} from '../state/trace.ts';

/** A figure that is expected, and one that it does not exceed. */
export interface Figure {
  readonly middle: number;
  readonly most: number;
}

/** An evaluated window is passed forward only: a third of what learning from it takes. */
const evaluationShare = 1 / 3;

/** Windows that pass in one epoch, counted as learnt ones. */
export function windowsAnEpoch({train, val}: {readonly train: number; readonly val: number}, {subset}: JsonObject): number {
  const learnt = typeof subset === 'number' && subset < 1 ? Math.min(train, Math.max(1, Math.floor(subset * train))) : train;
  return learnt + val * evaluationShare;
}

/** Of a file of so many rows; undefined where the record does not say how it is split. */
export function windowsOf(rows: Figure, record: JsonObject): Figure | undefined {
  const split = splitIn(record);
  const {context, horizon} = record;
  if (split === undefined || typeof context !== 'number' || typeof horizon !== 'number') return undefined;
  const span = context + horizon;
  const at = (count: number, expected: boolean): number =>
    windowsAnEpoch(splitWindows(split, {rows: count, span, context, expected}), record);
  return {middle: at(rows.middle, true), most: at(rows.most, false)};
}

interface Rows {
  readonly rows: number;
  readonly context: number;
  /** Rows that one window and its label touch. */
  readonly span: number;
  readonly expected: boolean;
}

function splitWindows(split: Split, {rows, span, context, expected}: Rows): {readonly train: number; readonly val: number} {
  const counts = countWindows(split, {rows, context, horizon: span - context});
  // By dates nobody knows before the data is read: no more than all.
  if (counts === undefined) return {train: Math.max(0, rows - span + 1), val: 0};
  if (counts.train !== undefined) return {train: counts.train, val: counts.val};
  const evaluated = Math.floor(split.validation * counts.blocks) + Math.floor(split.test * counts.blocks);
  const length = split.mode === 'classic' ? span : split.block;
  const learnt = counts.blocks - evaluated;
  // Blocks for training that lie together are one run of rows. There is one at least; scattered at random there are so many.
  const runs = expected && evaluated > 0 ? Math.max(1, (learnt * (evaluated + 1)) / counts.blocks) : 1;
  const resting = expected ? evaluated * split.embargo : 0;
  return {train: Math.max(0, Math.round(rows - evaluated * length - runs * (span - 1) - resting)), val: counts.val};
}

function splitIn(record: JsonObject): Split | undefined {
  const number = (name: string): number => {
    const value = record[`split.${name}`];
    return typeof value === 'number' ? value : 0;
  };
  const mode = (['scattered', 'contiguous', 'dates', 'classic'] as const).find((one) => one === record['split.mode']);
  const [block, validation, test] = [number('block'), number('validation'), number('test')];
  return mode && {mode, block, validation, test, embargo: number('embargo'), minWindows: 0};
}

/** Patches in a window: what a model reads one after the other. */
export function patchesOf(record: JsonObject): number | undefined {
  const {context, 'patch.length': length, 'patch.stride': stride} = record;
  if (typeof context !== 'number' || typeof length !== 'number' || typeof stride !== 'number' || stride <= 0) return undefined;
  return Math.max(1, Math.floor((context - length) / stride) + 1);
}

/** `space` is what the parameter is searched in where the record does not fix it; by `found` it is known. */
export function epochsOf(record: JsonObject, space: Json | undefined, found: JsonObject | undefined): Figure | undefined {
  const fixed = record['epochs'];
  if (typeof fixed === 'number') return {middle: fixed, most: fixed};
  const drawn = found?.['epochs'];
  if (typeof drawn === 'number') return {middle: drawn, most: drawn};
  if (!isJsonObject(space)) return undefined;
  const choices = Array.isArray(space['choices']) ? (space['choices'] as readonly Json[]) : [space['low'], space['high']];
  const values = choices.filter((value) => typeof value === 'number');
  return values.length === 0
    ? undefined
    : {middle: values.reduce((sum, value) => sum + value, 0) / values.length, most: Math.max(...values)};
}

/** What may end a training before its last epoch, as one text: runs of the same text have that in common. */
export function stopsOf({patience, pruner}: JsonObject): string {
  const texts = [
    ...(patience === 0 ? [] : [`patience ${patience === undefined ? 'searched' : JSON.stringify(patience)}`]),
    ...(pruner === undefined || pruner === 'none' ? [] : [`pruner ${JSON.stringify(pruner)}`]),
  ];
  return texts.join(', ');
}

export function machineOf({device, threads, precision}: JsonObject): Machine | undefined {
  return typeof device === 'string' && typeof threads === 'number' && typeof precision === 'string'
    ? {device, threads, precision}
    : undefined;
}
