// Diagnostics as SARIF 2.1.0, the form in which code scanning takes findings.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {sorted} from '../base/order.ts';

export interface SarifOptions {
  readonly version: string;
  /** Names a file as the repository does. */
  readonly pathOf: (file: string) => string;
}

export function sarifLog(problems: readonly Diagnostic[], {version, pathOf}: SarifOptions): object {
  const rules = sorted(new Set(problems.map(({code}) => code)));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {driver: {name: 'ftsbuild', version, rules: rules.map((id) => ({id}))}},
        columnKind: 'utf16CodeUnits',
        results: problems.map((entry) => ({
          ruleId: entry.code,
          ruleIndex: rules.indexOf(entry.code),
          level: entry.severity,
          message: {text: entry.help === undefined ? entry.message : `${entry.message}\n${entry.help}`},
          ...(entry.span !== undefined && {locations: [{physicalLocation: placeIn(entry.span, pathOf)}]}),
          ...(entry.see !== undefined &&
            entry.see.length > 0 && {
              relatedLocations: entry.see.map(({span, note}, index) => ({
                id: index + 1,
                message: {text: note},
                physicalLocation: placeIn(span, pathOf),
              })),
            }),
        })),
      },
    ],
  };
}

function placeIn({file, line, column, offset, length}: Span, pathOf: (file: string) => string): object {
  return {
    artifactLocation: {uri: pathOf(file).split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%'},
    region: {startLine: line, startColumn: column, charOffset: offset, charLength: length},
  };
}
