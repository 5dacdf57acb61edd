// Diagnostics as SARIF 2.1.0, the form in which code scanning takes findings.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {sorted} from '../base/order.ts';

export interface SarifOptions {
  readonly version: string;
  /** The study: where a finding is shown that has no place of its own, for GitHub refuses a file with one that has none. */
  readonly file: string;
  /** Names a file as the repository does. */
  readonly pathOf: (file: string) => string;
  /** Undefined where it cannot be read. */
  readonly textOf: (file: string) => string | undefined;
  /** Which targets are stale, where that is a reason to fail. */
  readonly stale: string | undefined;
  /** What a code means, whatever the case. */
  readonly meaningOf: (code: string) => string | undefined;
}

export function sarifLog(problems: readonly Diagnostic[], options: SarifOptions): object {
  const {version, meaningOf, stale} = options;
  const rules = [...sorted(new Set(problems.map(({code}) => code))), ...(stale === undefined ? [] : [staleRule])];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {driver: {name: 'ftsbuild', version, rules: rules.map((id) => ruleOf(id, meaningOf))}},
        columnKind: 'utf16CodeUnits',
        results: [
          ...problems.map((entry) => ({ruleId: entry.code, ruleIndex: rules.indexOf(entry.code), ...resultOf(entry, options)})),
          ...(stale === undefined ? [] : [{ruleId: staleRule, ruleIndex: rules.indexOf(staleRule), ...staleResult(stale, options)}]),
        ],
      },
    ],
  };
}

const staleRule = 'stale';

function ruleOf(id: string, meaningOf: SarifOptions['meaningOf']): object {
  const text = id === staleRule ? 'targets are stale' : (meaningOf(id) ?? id);
  return {id, shortDescription: {text}};
}

function resultOf({severity, message, help, span, see = []}: Diagnostic, options: SarifOptions): object {
  return {
    level: severity,
    message: {text: help === undefined ? message : `${message}\n${help}`},
    locations: [{physicalLocation: placeIn(span ?? startOf(options), options)}],
    ...(see.length > 0 && {
      relatedLocations: see.map((entry, index) => ({
        id: index + 1,
        message: {text: entry.note},
        physicalLocation: placeIn(entry.span, options),
      })),
    }),
  };
}

function staleResult(text: string, options: SarifOptions): object {
  return {level: 'error', message: {text}, locations: [{physicalLocation: placeIn(startOf(options), options)}]};
}

function startOf({file}: SarifOptions): Span {
  return {file, offset: 0, length: 0, line: 1, column: 1};
}

function placeIn(span: Span, {pathOf, textOf}: SarifOptions): object {
  const {file, line, column, offset, length} = span;
  const end = endOf(span, textOf(file));
  return {
    artifactLocation: {uri: pathOf(file).split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%'},
    region: {startLine: line, startColumn: column, endLine: end.line, endColumn: end.column, charOffset: offset, charLength: length},
  };
}

/** The place behind the last character. */
function endOf({offset, length, line, column}: Span, text = ''): {readonly line: number; readonly column: number} {
  const lines = text.slice(offset, offset + length).split(/\r\n|\r|\n/u);
  const last = lines.at(-1) ?? '';
  return lines.length === 1 ? {line, column: column + length} : {line: line + lines.length - 1, column: last.length + 1};
}
