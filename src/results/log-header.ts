// Tells by its first line whose a log is: this program's of today, of an earlier version, or another program's. Reads no row.
import {parse} from 'csv-parse/sync';
import {logColumns} from './log.ts';

export type LogHeader =
  | {readonly at: 'today'}
  /** Of an earlier version of this program: it lacks the last columns. */
  | {readonly at: 'earlier'; readonly columns: readonly string[]}
  /** Of another program, or saved by one: its rows mean nothing certain. `why` completes "the log is not this program's: ...". */
  | {readonly at: 'other'; readonly why: string};

const today = logColumns.join(',');
// Other tools know the columns before it; whoever writes a key is this program.
const leastColumns = logColumns.indexOf('key') + 1;

/** Undefined where there is nothing in it yet. A header is told by its bytes: what another program has saved anew is that program's. */
export function judgeHeader(text: string): LogHeader | undefined {
  if (text === '') return undefined;
  const end = text.indexOf('\n');
  const line = end === -1 ? text : text.slice(0, end);
  if (end === -1) return {at: 'other', why: `its header is cut off: ${explain(line)}`};
  if (line === today) return {at: 'today'};
  const columns = line.split(',');
  return columns.length >= leastColumns && today.startsWith(`${line},`) ? {at: 'earlier', columns} : {at: 'other', why: explain(line)};
}

function explain(line: string): string {
  const bare = line.replace(/^\uFEFF/u, '').replace(/\r$/u, '');
  for (const [sign, name] of [
    [';', 'semicolons'],
    ['\t', 'tabs'],
  ] as const)
    if (bare.split(sign).length > bare.split(',').length) return `its cells are parted by ${name}, as a spreadsheet saves them`;
  if (bare === today) return 'a spreadsheet has saved it anew (a byte order mark, or the line ends of Windows)';
  const columns = countCells(bare);
  return columns === logColumns.length
    ? `its ${String(columns)} columns are not those of this program`
    : `its header has ${String(columns)} columns instead of ${String(logColumns.length)}`;
}

function countCells(line: string): number {
  try {
    const parsed: readonly (readonly string[])[] = parse(line, {relax_column_count: true});
    return parsed[0]?.length ?? 0;
  } catch {
    return line.split(',').length;
  }
}
