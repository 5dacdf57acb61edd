// Diagnostics as workflow commands of GitHub Actions, which shows them beside the lines of a change.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
import type {Diagnostic} from '../base/diagnostic.ts';
import {placeOf} from './diagnostics.ts';

/** `pathOf` names a file as the repository does. */
export function githubLine({code, severity, message, help, span, see}: Diagnostic, pathOf: (file: string) => string): string {
  const properties: [string, string][] = [];
  if (span !== undefined) properties.push(['file', pathOf(span.file)], ['line', String(span.line)], ['col', String(span.column)]);
  properties.push(['title', code]);
  const lines = [message, ...(see ?? []).map((entry) => `${placeOf(entry.span)}: ${entry.note}`), ...(help === undefined ? [] : [help])];
  return `::${severity} ${properties.map(([name, value]) => `${name}=${escapeProperty(value)}`).join(',')}::${escapeData(lines.join('\n'))}`;
}

/** An error without a place. */
export function githubError(title: string, message: string): string {
  return `::error title=${escapeProperty(title)}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
