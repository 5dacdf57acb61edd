// Checks rendered scripts as Python: by Python's own compiler where there is one, by its rules for words and brackets where not.
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import type {Result} from '../base/result.ts';
import {tokensOf} from '../state/python-tokens.ts';
import type {RenderedScript} from './render-all.ts';

/** What Python says: the executor's `checkSyntax`. */
export type SyntaxChecker = (
  files: readonly {readonly path: string; readonly source: string}[],
) => Promise<Result<readonly {readonly path: string; readonly line: number | undefined; readonly message: string}[], string>>;

export async function compileScripts(
  scripts: readonly RenderedScript[],
  check: SyntaxChecker,
): Promise<Result<readonly Diagnostic[], string>> {
  const checked = await check(scripts.map(({path, source}) => ({path, source})));
  if (!checked.ok) return checked;
  const templates = new Map(scripts.map(({path, template}) => [path, template]));
  return {
    ok: true,
    value: onePerTemplate(
      checked.value.map(({path, line, message}) => ({
        path,
        template: templates.get(path) ?? '',
        message: `line ${String(line ?? '?')}: ${message}`,
        gist: message,
      })),
    ),
  };
}

/** Finds strings and brackets that do not end, wrong indentation, and signs that Python does not have; nothing else. */
export function scanScripts(scripts: readonly RenderedScript[]): readonly Diagnostic[] {
  const message = 'a string or bracket does not end, a line is indented wrongly, or it holds a sign that Python does not have';
  return onePerTemplate(
    scripts
      .filter(({source}) => tokensOf(source.replaceAll('\r\n', '\n')) === undefined)
      .map(({path, template}) => ({path, template, message, gist: message})),
  );
}

interface Fault {
  readonly path: string;
  readonly template: string;
  readonly message: string;
  /** The message without what differs from script to script. */
  readonly gist: string;
}

// A mistake in a template is in every script that it makes.
function onePerTemplate(faults: readonly Fault[]): readonly Diagnostic[] {
  const groups = new Map<string, Fault[]>();
  for (const fault of faults) {
    const name = `${fault.template}\n${fault.gist}`;
    groups.set(name, [...(groups.get(name) ?? []), fault]);
  }
  return [...groups.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const more = rest.length === 0 ? '' : ` (and ${String(rest.length)} more of ${first.template})`;
    return [
      problem('FTS503', `${first.path} would be no Python: ${first.message}${more}`, {
        help: `Correct the template ${first.template}, or the value that it writes there.`,
      }),
    ];
  });
}
