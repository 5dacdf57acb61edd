// Studies as texts for tests: files in memory, made-up tiers, and a marker for the place where a problem must be shown.
import {expect} from 'vitest';

import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {loadStudy} from '../../src/config/load.ts';
import type {LoadOptions} from '../../src/config/load.ts';
import type {TextReader} from '../../src/config/include.ts';
import type {Experiment, ParameterRecord, Study} from '../../src/config/study.ts';
import type {TierTable} from '../../src/config/tiers.ts';

export const tiers: TierTable = new Map(
  [20, 100, 250, 500].map((size) => [`a${size}`, Array.from({length: size}, (_, index) => `column_${index}`)]),
);

export function reader(files: Readonly<Record<string, string>>): TextReader {
  return {readText: (path) => files[path]};
}

/** A small whole study: replace a line of it to make the one under test. */
export const small = `version: 1
data:
  sp500: {builder: {source: arch.sp500, tiers: [a20, a100]}}
budgets:
  6K: {params: 6K}
  18K: {params: 18K}
tasks:
  up1: {kind: threshold, pct: 1}
  up2: {kind: threshold, pct: 2}
  up3: {kind: threshold, pct: 3}
defaults: {tier: a20}
phases:
  first:
    matrix: {budget: [6K, 18K], task: [up1, up2, up3]}
    hpo:
      skip: {task: up2}
      borrow:
        - {for: {task: up2}, from: [{task: up1}, {task: up3}], method: interpolate}
      search:
        architecture: {d_model: [8, 16], n_layers: [1, 2, 3, 4, 6], n_heads: [2, 4], ff_ratio: [2, 4]}
        learning_rate: {log: [1.0e-4, 1.0e-3]}
`;

export function replaced(from: string, to: string, text = small): string {
  if (!text.includes(from)) throw new Error(`the study holds no ${JSON.stringify(from)}`);
  return text.replace(from, () => to);
}

type Options = Partial<LoadOptions> & {readonly files?: Readonly<Record<string, string>>};

export function load(text: string, {files = {}, ...options}: Options = {}): ReturnType<typeof loadStudy> {
  return loadStudy(reader({'experiments.yaml': text, ...files}), {file: 'experiments.yaml', tiers, ...options});
}

export function studyOf(text: string, options: Options = {}): Study {
  const loaded = load(text, options);
  if (!loaded.ok) throw new Error(loaded.error.map(shown).join('\n'));
  return loaded.value.study;
}

export function problemsOf(text: string, options: Options = {}): readonly Diagnostic[] {
  const loaded = load(text, options);
  return loaded.ok ? loaded.value.warnings : loaded.error;
}

export function shown({code, span, message}: Diagnostic): string {
  return `${span === undefined ? '' : `${span.file}:${span.line}:${span.column}: `}${code} ${message}`;
}

/** `text` has the place of its one problem between \`«\` and \`»\`. */
export function expectProblem(text: string, code: string, gist: RegExp, options: Options = {}): Diagnostic {
  const offset = text.indexOf('«');
  const length = text.indexOf('»') - offset - 1;
  const problems = problemsOf(text.replace('«', '').replace('»', ''), options);
  expect(problems.map(shown)).toEqual([expect.stringContaining(code)]);
  const [only] = problems;
  if (only === undefined) throw new Error('unreachable: there is one');
  expect(only.code).toBe(code);
  expect(only.message).toMatch(gist);
  const before = text.slice(0, offset).split('\n');
  expect(only.span).toEqual({file: 'experiments.yaml', offset, length, line: before.length, column: (before.at(-1) ?? '').length + 1});
  return only;
}

export function get(study: Study, name: string): Experiment {
  const found = study.experiments.find((experiment) => experiment.name === name);
  if (found === undefined) throw new Error(`no experiment ${name} among ${study.experiments.map((one) => one.name).join(', ')}`);
  return found;
}

export function recordOf(experiment: Experiment): ParameterRecord {
  if (experiment.source.kind !== 'study') throw new Error(`${experiment.name} has no study`);
  return experiment.source.record;
}
