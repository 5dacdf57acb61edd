// Which texts may be names: they become parts of paths, so a name is one plain step of a path. Knows nothing of files.
import {problem, warning} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';

const longest = 150;
/** Verbs and groups of the command line; a phase of that name could not be asked for. */
export const reservedNames: ReadonlySet<string> = new Set(
  (
    'all data scripts hpo training report watch check why status list graph adopt invalidate gc clean doctor init completion ' +
    'environment help cancel pause resume stop diff schema __complete'
  ).split(' '),
);

/** What is wrong with a name, or undefined. */
export function findNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > longest) return `it is longer than ${longest} characters`;
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return 'it holds a line break or another control character';
  if (/[/\\]/.test(name)) return 'it holds a path separator';
  if (name.includes('..')) return 'it holds ".."';
  if (/["'`]/.test(name)) return 'it holds a quote';
  if (/^[=+-]/.test(name)) return `it begins with "${name.charAt(0)}", which a spreadsheet takes for a formula`;
  if (name.startsWith('.')) return `it begins with "${name.charAt(0)}"`;
  if (name === '__proto__') return 'that word means something to the program itself';
  const odd = /[^A-Za-z0-9_.+=-]/u.exec(name);
  return odd === null ? undefined : `it holds "${odd[0]}"; letters, digits and _ . + - = may stand in a name`;
}

export function checkName(name: string, what: string, span: Span): Diagnostic | undefined {
  const wrong = findNameProblem(name);
  return wrong === undefined
    ? undefined
    : problem('FTS201', `${JSON.stringify(name)} cannot be the name of ${what}: ${wrong}`, {span, help: nameHelp});
}

const nameHelp = 'Names become parts of paths: letters, digits and _ . + - = may stand in one, with a letter, a digit or _ first.';

/** Verbs that came when there were studies already: a phase of that name stays, and is asked for as a path. */
export const lateVerbs: ReadonlySet<string> = new Set(['fsck', 'unlock']);

/** A warning: the phase can be used. */
export function findVerbOfPhase(name: string, span: Span): Diagnostic | undefined {
  if (!lateVerbs.has(name)) return undefined;
  return warning('FTS212', `"${name}" is a command as well: it does not ask for the phase`, {
    span,
    help: `Ask for the phase as ./${name}, or choose another name.`,
  });
}

export function checkPhaseName(name: string, span: Span): Diagnostic | undefined {
  if (!reservedNames.has(name)) return checkName(name, 'a phase', span);
  return problem('FTS202', `"${name}" is a verb or group of the command line and cannot name a phase`, {
    span,
    help: 'Choose another name.',
  });
}

/** What is wrong with a name that YAML reads as a number: `1.10` without quotes is 1.1, and `01` is 1. */
export function findChangedNumber(value: number, text: string): {readonly message: string; readonly help: string} | undefined {
  if (String(value) === text) return undefined;
  return {message: `${text} is read as the number ${value}, and the name would be ${value}`, help: `Put it in quotes: "${text}".`};
}

/** Two names with the same fold are one file on a disk that takes no notice of case. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
