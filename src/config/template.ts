// Names of experiments from a template such as `{phase}_{budget}_h{horizon}_{task}`. Knows nothing of what the dimensions mean.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {suggestion} from '../base/suggest.ts';

export const usualTemplate = '{phase}_{budget}_h{horizon}_{task}';

export interface Template {
  readonly parts: readonly (string | {readonly slot: string})[];
  readonly span: Span;
}

export function parseTemplate(text: string, span: Span): Template {
  const parts = text.split(/(\{[^{}]*\})/).filter((part) => part !== '');
  return {parts: parts.map((part) => (part.startsWith('{') && part.endsWith('}') ? {slot: part.slice(1, -1)} : part)), span};
}

/** Slots that are no dimension, and braces that are no slot. */
export function checkTemplate(template: Template, dimensions: ReadonlySet<string>): readonly Diagnostic[] {
  return template.parts.flatMap((part) => {
    if (typeof part === 'string')
      return /[{}]/.test(part) ? [problem('FTS207', `a brace without its partner in "${part}"`, {span: template.span})] : [];
    if (dimensions.has(part.slot)) return [];
    return [
      problem('FTS207', `there is no dimension "${part.slot}" to name by`, {
        span: template.span,
        help: suggestion(part.slot, dimensions, 'Dimensions'),
      }),
    ];
  });
}

export function fill(template: Template, dims: ReadonlyMap<string, string>): string {
  return template.parts.map((part) => (typeof part === 'string' ? part : (dims.get(part.slot) ?? ''))).join('');
}
