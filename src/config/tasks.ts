// Reads the section `tasks`: what is predicted.
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import type {Declared} from './datasets.ts';
import {findNumber, findScalar, membersOf} from './located.ts';
import type {LocatedMap, Member} from './located.ts';
import {checkName} from './names.ts';

export interface Task {
  readonly name: string;
  readonly kind: string;
  /** Per cent by which the price must rise. */
  readonly pct: number;
  readonly span: Span;
}

export function readTasks(section: LocatedMap | undefined, problems: Diagnostic[]): Declared<Task> {
  return new Map(membersOf(section).map(([name, member]) => [name, readTask(name, member, problems)]));
}

function readTask(name: string, {keySpan, node}: Member, problems: Diagnostic[]): Task | undefined {
  const wrong = checkName(name, 'a task', keySpan);
  if (wrong !== undefined) problems.push(wrong);
  const kind = findScalar(node, 'kind');
  const pct = findNumber(node, 'pct');
  if (wrong !== undefined || kind === undefined || pct === undefined) return undefined;
  return {name, kind: kind.text, pct, span: findScalar(node, 'pct')?.span ?? keySpan};
}
