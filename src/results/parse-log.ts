// Reads the experiment log back: rows of older files too, and of damaged ones what is whole. Knows nothing of who reads it.
import {parse} from 'csv-parse/sync';
import {isJsonObject, type JsonObject} from '../base/json.ts';
import {judgeHeader} from './log-header.ts';
import {formatHeader, logColumns, runStatuses, runTypes, thermalStates, type LogRow} from './log.ts';

export interface ParsedLog {
  readonly rows: readonly LogRow[];
  /** What could not be read; such rows are in no total. */
  readonly problems: readonly LogProblem[];
  /** The file is another program's, or was saved by one: why. None of its rows counts. */
  readonly other?: string;
}

export interface LogProblem {
  /** Counts from 1. */
  readonly line: number;
  readonly message: string;
}

/** Reads files of earlier versions (fewer columns) and damaged ones: a torn row costs itself, never its neighbours. */
export function parseLog(text: string): ParsedLog {
  const header = judgeHeader(text);
  if (header?.at === 'other') return {rows: [], problems: [], other: header.why};
  const parsed = rowsOf(text).map((record) => parseRecord(record, header?.at === 'earlier' ? header.columns : logColumns));
  return {
    rows: parsed.flatMap((entry) => (entry.at === 'row' ? [entry.row] : [])),
    problems: parsed.flatMap((entry) => (entry.at === 'problem' ? [entry.problem] : [])),
  };
}

/** The log of an earlier version under today's header: its whole rows as they are, with empty cells for the columns that it lacks. */
export function renewLog(text: string, columns: readonly string[]): {readonly text: string; readonly leftOut: number} {
  const records = rowsOf(text);
  const whole = records.filter((record) => !record.torn && findCells(record.text)?.length === columns.length);
  const missing = ','.repeat(logColumns.length - columns.length);
  return {text: formatHeader() + whole.map((record) => `${record.text}${missing}\n`).join(''), leftOut: records.length - whole.length};
}

// Two programs that began the file at the same time may both have written a header.
function rowsOf(text: string): readonly RawRecord[] {
  const [header, ...records] = splitRecords(text);
  return records.filter((record) => record.text !== header?.text);
}

interface RawRecord {
  readonly line: number;
  readonly text: string;
  /** The file ends, or the next row begins, before this one does. */
  readonly torn: boolean;
}

const startOfRow = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d),/;

// A quoted cell may hold line breaks, so a record goes on while its quotes are open. But a row that was cut inside a quote
// would swallow what follows: a line that begins like a row ends it.
function splitRecords(text: string): RawRecord[] {
  // A file that was being written when the power went may have got zeros in place of a row.
  const lines = text.split('\n').map((line) => line.replace(/^\0+/u, ''));
  const rest = lines.pop() ?? '';
  const records: RawRecord[] = [];
  let open: {line: number; text: string} | undefined;
  for (const [index, raw] of lines.entries()) {
    if (open !== undefined && startOfRow.test(raw)) {
      records.push({...open, torn: true});
      open = undefined;
    }
    const record: {line: number; text: string} =
      open === undefined ? {line: index + 1, text: raw} : {line: open.line, text: `${open.text}\n${raw}`};
    open = hasOpenQuote(record.text) ? record : undefined;
    if (open === undefined && record.text.trim() !== '')
      records.push({line: record.line, text: record.text.replace(/\r$/, ''), torn: false});
  }
  const end = open ?? (rest === '' ? undefined : {line: lines.length + 1, text: rest});
  if (end !== undefined) records.push({...end, torn: true});
  return records;
}

function hasOpenQuote(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 1;
}

function findCells(record: string): readonly string[] | undefined {
  try {
    const parsed: readonly (readonly string[])[] = parse(record, {relax_column_count: true});
    return parsed.length === 1 ? parsed[0] : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')) return undefined;
    throw error;
  }
}

type Parsed = {readonly at: 'row'; readonly row: LogRow} | {readonly at: 'problem'; readonly problem: LogProblem};

function parseRecord(record: RawRecord, columns: readonly string[]): Parsed {
  const problem = (message: string): Parsed => ({at: 'problem', problem: {line: record.line, message}});
  if (record.torn) return problem('the row is cut off');
  const cells = findCells(record.text);
  if (cells === undefined) return problem('the row is not CSV');
  if (cells.length !== columns.length) return problem(`the row has ${cells.length} cells under ${columns.length} columns`);
  const byColumn = new Map(columns.map((column, index) => [column, cells[index] ?? '']));
  try {
    return {at: 'row', row: readRow((column) => byColumn.get(column) ?? '')};
  } catch (error) {
    if (error instanceof BadCell) return problem(error.message);
    throw error;
  }
}

class BadCell extends Error {}

type LogColumn = keyof LogRow;

function readRow(cell: (column: LogColumn) => string): LogRow {
  const text = (column: LogColumn): string | null => (cell(column) === '' ? null : cell(column));
  const number = (column: LogColumn): number | null => parseNumber(column, cell(column));
  return {
    timestamp: cell('timestamp'),
    experiment: cell('experiment'),
    phase: cell('phase'),
    budget: cell('budget'),
    task: cell('task'),
    horizon: number('horizon'),
    timescale: cell('timescale'),
    script_path: cell('script_path'),
    run_type: parseWord('run_type', cell('run_type'), runTypes),
    status: parseWord('status', cell('status'), runStatuses),
    duration_seconds: number('duration_seconds'),
    val_loss: number('val_loss'),
    test_accuracy: number('test_accuracy'),
    hyperparameters: parseObject('hyperparameters', cell('hyperparameters')),
    error_message: text('error_message'),
    thermal_max_temp: number('thermal_max_temp'),
    data_md5: text('data_md5'),
    reason: text('reason'),
    key: text('key'),
    attempt: number('attempt'),
    param_count: number('param_count'),
    val_windows: number('val_windows'),
    seed: number('seed'),
    git_commit: text('git_commit'),
    thermal_state: parseWord('thermal_state', text('thermal_state') ?? 'unknown', thermalStates),
  };
}

function parseNumber(column: LogColumn, text: string): number | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new BadCell(`${column} is no number: ${JSON.stringify(text)}`);
  return value;
}

function parseWord<Word extends string>(column: LogColumn, text: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new BadCell(`${column} is none of ${words.join(', ')}: ${JSON.stringify(text)}`);
  return word;
}

function parseObject(column: LogColumn, text: string): JsonObject | null {
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new BadCell(`${column} is no JSON object`);
}
