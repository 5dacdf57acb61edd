// Shows diagnostics: what and where, the line with a marker under the span, and what to do.
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import type {Paint} from './paint.ts';

/** `textOf` gives the text of a file named in a span; undefined when it cannot be read. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], textOf: (file: string) => string | undefined, paint: Paint): string {
  const errors = diagnostics.filter((entry) => entry.severity === 'error').length;
  const blocks = diagnostics.map((entry) => renderOne(entry, textOf, paint));
  const count = errors === 0 ? '' : `\n${errors === 1 ? '1 error' : `${String(errors)} errors`}\n`;
  return `${blocks.join('\n')}${count}`;
}

function renderOne(entry: Diagnostic, textOf: (file: string) => string | undefined, paint: Paint): string {
  const kind = entry.severity === 'error' ? paint.red(`error ${entry.code}`) : paint.yellow(`warning ${entry.code}`);
  const place = entry.span === undefined ? '' : `${placeOf(entry.span)}: `;
  const lines = [`${place}${kind}: ${entry.message}`];
  if (entry.span !== undefined) lines.push(...sourceLines(entry.span, textOf, paint));
  for (const {span, note} of entry.see ?? []) lines.push(`  ${placeOf(span)}: ${note}`);
  if (entry.help !== undefined) lines.push(`  ${paint.cyan('help')}: ${entry.help}`);
  return `${lines.join('\n')}\n`;
}

export function placeOf(span: Span): string {
  return `${span.file}:${String(span.line)}:${String(span.column)}`;
}

const longestLine = 160;

function sourceLines(span: Span, textOf: (file: string) => string | undefined, paint: Paint): string[] {
  const whole = textOf(span.file)?.split('\n')[span.line - 1];
  if (whole === undefined) return [];
  // Of a long line the part around the place.
  const from = whole.length <= longestLine ? 0 : Math.max(0, span.column - 1 - longestLine / 2);
  const line = whole.slice(from, from + longestLine);
  const column = span.column - from;
  const length = Math.max(1, Math.min(span.length, line.length - column + 1));
  const number = String(span.line);
  return [
    `  ${number} | ${harmless(line.trimEnd())}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(column - 1)}${paint.red('^'.repeat(length))}`,
  ];
}

// A terminal would obey a control character, or one that turns the text around; its picture is as wide as any other sign. A tab stays.
function harmless(line: string): string {
  return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (sign) => {
    const code = sign.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
}
