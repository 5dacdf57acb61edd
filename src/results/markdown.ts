// Writes Markdown tables, and text that must stay text. Knows nothing of what it says.
import {visible, visibleTurns} from '../base/visible.ts';

export interface Column {
  readonly name: string;
  readonly align: 'left' | 'right';
}

/** Cells are Markdown already: what came from a file or a person goes through `escapeText` first. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((column) => (column.align === 'right' ? '---:' : '---'));
  return [line(columns.map((column) => column.name)), line(rule), ...rows.map(line)].join('\n');
}

export function left(name: string): Column {
  return {name, align: 'left'};
}

export function right(name: string): Column {
  return {name, align: 'right'};
}

/** On one line, and nothing in it acts as Markdown or HTML; an underscore inside a name needs no escape. */
export function escapeText(text: string): string {
  return visibleTurns(text)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
    .replace(/[\\|*`[\]~$]/g, '\\$&')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}

/** Inside a code span, where nothing can be escaped, or in a fenced block: on one line, and it ends neither. */
export function codeText(text: string): string {
  return visible(text).replaceAll('`', "'");
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

/** Template blocks that show nothing leave empty lines behind. */
export function tidyMarkdown(text: string): string {
  return `${visibleTurns(text)
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
