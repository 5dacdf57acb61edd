// Selects points by their dimensions: `{task: threshold_2pct, horizon: [1, 3]}`. Knows nothing of what the dimensions mean.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, DiagnosticCode, Span} from '../base/diagnostic.ts';
import {suggestion} from '../base/suggest.ts';
import {itemsOf, membersOf} from './located.ts';
import type {Located, LocatedScalar} from './located.ts';

export interface Filter {
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly span: Span;
}

export interface Wanted {
  readonly keySpan: Span;
  readonly texts: ReadonlySet<string>;
  readonly values: readonly LocatedScalar[];
}

/** Every value that each dimension takes. */
export type Universe = ReadonlyMap<string, ReadonlySet<string>>;

export function readFilter(node: Located): Filter {
  const wanted = new Map<string, Wanted>();
  for (const [name, {keySpan, node: value}] of membersOf(node)) {
    const values = itemsOf(value).flatMap((item) => (item.kind === 'scalar' ? [item] : []));
    wanted.set(name, {keySpan, values, texts: new Set(values.map(dimensionText))});
  }
  return {wanted, span: node.span};
}

/** One filter or a list of them. */
export function readFilters(node: Located | undefined): readonly Filter[] {
  return itemsOf(node).map(readFilter);
}

/** How a value reads in a dimension: a name as it is written, a number in its shortest form. */
export function dimensionText(node: LocatedScalar): string {
  // A text such as 2M is no number; 1.0 and 1 are the same one.
  return typeof node.value === 'number' ? String(node.value) : node.text;
}

export function matches(filter: Filter, dims: ReadonlyMap<string, string>): boolean {
  for (const [name, {texts}] of filter.wanted) {
    const value = dims.get(name);
    if (value === undefined || !texts.has(value)) return false;
  }
  return true;
}

export function matchesAny(filters: readonly Filter[], dims: ReadonlyMap<string, string>): boolean {
  return filters.some((filter) => matches(filter, dims));
}

/** Dimensions and values that no point has are mistakes, not empty selections. */
export function checkFilter(filter: Filter, universe: Universe, code: DiagnosticCode): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [name, {keySpan, values}] of filter.wanted) {
    const known = universe.get(name);
    if (known === undefined) {
      problems.push(
        problem(code, `there is no dimension "${name}" here`, {span: keySpan, help: suggestion(name, universe.keys(), 'Dimensions')}),
      );
      continue;
    }
    for (const value of values) {
      const text = dimensionText(value);
      if (!known.has(text))
        problems.push(
          problem(code, `no point has ${name} "${text}"`, {span: value.span, help: suggestion(text, known, `Values of ${name}`)}),
        );
    }
  }
  return problems;
}
