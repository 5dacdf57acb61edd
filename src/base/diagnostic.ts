// What is wrong, where, and what to write instead. Knows nothing of how it is shown.

/** A stretch of a file's text. Offsets and lengths are in UTF-16 code units; line and column count from 1. */
export interface Span {
  /** As the user would name the file: relative to the workspace where it lies inside. */
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

/** The place of what is wrong with a file as a whole. */
export function startOf(file: string): Span {
  return {file, offset: 0, length: 0, line: 1, column: 1};
}

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  /** Stable, for the catalogue: `FTS` and three digits. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span?: Span;
  /** What to do, or what to write instead; one sentence. */
  readonly help?: string;
  /** Second places that explain the first ("first defined here"). */
  readonly see?: readonly {readonly span: Span; readonly note: string}[];
}

export type DiagnosticCode = `FTS${number}`;

type Extra = Pick<Diagnostic, 'span' | 'help' | 'see'>;

export function problem(code: DiagnosticCode, message: string, extra: Extra = {}): Diagnostic {
  return {code, severity: 'error', message, ...extra};
}

export function warning(code: DiagnosticCode, message: string, extra: Extra = {}): Diagnostic {
  return {code, severity: 'warning', message, ...extra};
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((entry) => entry.severity === 'error');
}
