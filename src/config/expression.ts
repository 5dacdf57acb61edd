// Compiles and evaluates conditions such as `val.windows >= 300`. Loads the expression library: import it only where there is a condition.
import {Environment} from '@marcbachmann/cel-js';

import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, DiagnosticCode, Span} from '../base/diagnostic.ts';
import {isJsonObject} from '../base/json.ts';
import type {Json, JsonObject} from '../base/json.ts';
import {failure, success} from '../base/result.ts';
import type {Result} from '../base/result.ts';
import {findNearest, suggestion} from '../base/suggest.ts';
import {runBounded} from '../host/bounded.ts';
import type {Study} from './study.ts';
import {assertVariables, checkVariables} from './variables.ts';
import type {VariableSet} from './variables.ts';

export interface Expression {
  readonly text: string;
  /** Variables that it speaks of. */
  readonly reads: readonly string[];
  /** Numbers by name, grouped or flat: `{val: {windows: 348}}`. One that is null or missing is unknown. */
  readonly evaluate: (values: JsonObject) => boolean | 'not_applicable';
}

/** What is wrong with an expression. */
export interface ExpressionProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly help?: string;
  /** Which part of its text is meant; all of it where that is not known. */
  readonly part?: Part;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

export interface Outcome {
  readonly holds: boolean | 'not_applicable';
  /** The values that it speaks of, or what is wrong with it; for people. */
  readonly detail: string;
  /** It was cut off. */
  readonly isEndless?: true;
}

/** By the processor's time of this program. */
const limitMs = 100;

/** A condition that cannot be read, throws or does not end does not hold: unknown is never success. */
export function evaluateExpression(text: string, values: JsonObject): Outcome {
  const compiled = compileExpression(text, {...assertVariables, ...checkVariables});
  if (!compiled.ok) return {holds: false, detail: compiled.error.message};
  const {reads, evaluate} = compiled.value;
  const detail = reads.map((name) => `${name} = ${String(valueAt(values, name) ?? 'unknown')}`).join(', ');
  try {
    const bounded = runBounded(limitMs, () => evaluate(values));
    if (bounded.ended) return {holds: bounded.value, detail};
    return {...notEvaluated(`it did not end within ${String(limitMs)} ms`, detail), isEndless: true};
  } catch (error) {
    // A condition is a person's program: whatever the library throws of it is a mistake in it.
    if (error instanceof Error) return notEvaluated(firstLine(error.message), detail);
    throw error;
  }
}

function notEvaluated(why: string, values: string): Outcome {
  return {holds: false, detail: `it could not be evaluated: ${why}${values === '' ? '' : `; ${values}`}`};
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

/** Every condition of a study, each once however many experiments share it. */
export function checkExpressions(study: Study): readonly Diagnostic[] {
  const conditions = new Map<string, Condition>();
  const add = (condition: Condition): void => void conditions.set(`${condition.span.file}:${condition.span.offset}`, condition);
  for (const {checks, asserts} of study.experiments) {
    for (const {expression, span} of checks) add({expression, span, variables: checkVariables});
    for (const {expression, span} of asserts) add({expression, span, variables: assertVariables});
  }
  return [...conditions.values()].flatMap(({expression, span, variables}) => {
    const compiled = compileExpression(expression, variables);
    if (compiled.ok) return [];
    const {code, message, help, part} = compiled.error;
    return [problem(code, message, {span: spanOfPart(span, expression, part), ...(help !== undefined && {help})})];
  });
}

// Where the text is written as it is read, but for quotes around it, a part of it can be shown.
function spanOfPart(span: Span, expression: string, part: Part | undefined): Span {
  const quote = (span.length - expression.length) / 2;
  if (part === undefined || (quote !== 0 && quote !== 1)) return span;
  const from = quote + part.start;
  return {...span, offset: span.offset + from, column: span.column + from, length: part.end - part.start};
}

interface Condition {
  readonly expression: string;
  readonly span: Span;
  readonly variables: VariableSet;
}

export function compileExpression(text: string, variables: VariableSet): Result<Expression, ExpressionProblem> {
  const names = Object.keys(variables);
  const parsed = parse(text, environmentOf(names));
  if (typeof parsed === 'string') return failure(unreadable(parsed));
  const {valid, type, error} = parsed.check();
  if (!valid) return failure(findUnknownName(text, error, names) ?? unreadable(error?.message ?? 'it makes no sense'));
  if (type !== 'bool') {
    return failure({
      code: 'FTS252',
      message: `"${text}" is a ${type ?? 'value'}, not a condition`,
      help: 'Compare it with something: prediction_std > 0.01.',
    });
  }
  const reads = namesIn(text, names);
  const evaluate = (values: JsonObject): boolean | 'not_applicable' => {
    if (reads.some((name) => valueAt(values, name) === undefined)) return 'not_applicable';
    return parsed(grouped(names, values)) === true;
  };
  return success({text, reads, evaluate});
}

type Parsed = ReturnType<Environment['parse']>;

function parse(text: string, environment: Environment): Parsed | string {
  try {
    return environment.parse(text);
  } catch (error) {
    if (error instanceof Error && error.name === 'ParseError') return error.message;
    // The library descends into the text: a very long chain of operators exhausts the stack.
    if (error instanceof RangeError) return 'it is nested too deeply';
    throw error;
  }
}

// Numbers are doubles, while a literal such as 2 is an int: without these operators `2 * val_loss` would be an error.
const operators: readonly (readonly [string, (left: number, right: number) => number])[] = [
  ['+', (left, right) => left + right],
  ['-', (left, right) => left - right],
  ['*', (left, right) => left * right],
  ['/', (left, right) => left / right],
];

function environmentOf(names: readonly string[]): Environment {
  const environment = new Environment();
  const groups = new Map<string, Record<string, 'double'>>();
  for (const name of names) {
    const [group = name, member] = name.split('.');
    if (member === undefined) environment.registerVariable(name, 'double');
    else groups.set(group, {...groups.get(group), [member]: 'double'});
  }
  for (const [name, schema] of groups) environment.registerVariable({name, schema});
  for (const [sign, apply] of operators) {
    environment.registerOperator(`int ${sign} double: double`, (left: bigint, right: number) => apply(Number(left), right));
    environment.registerOperator(`double ${sign} int: double`, (left: number, right: bigint) => apply(left, Number(right)));
  }
  environment.registerOperator('double == int', (left: number, right: bigint) => left === Number(right));
  return environment;
}

function unreadable(message: string): ExpressionProblem {
  const sentence = firstLine(message);
  const help = 'Write a comparison: val_loss < base_rate_entropy, val.windows >= 300.';
  return {code: 'FTS250', message: `the condition cannot be read: ${sentence}`, help};
}

type CheckError = ReturnType<Parsed['check']>['error'];

// A member of a group is called by its whole name: the same word may well be known in another group, or alone.
function findUnknownName(text: string, error: CheckError, names: readonly string[]): ExpressionProblem | undefined {
  const isMember = error?.message.startsWith('No such key: ') === true;
  if (error?.node === undefined || !(isMember || error.message.startsWith('Unknown variable: '))) return undefined;
  const {start, pos} = error.node;
  const [written = ''] = /^\w+(?:\s*\.\s*\w+)*/.exec(text.slice(start)) ?? [];
  const name = written.replaceAll(/\s/g, '');
  const part = {start: isMember ? pos : start, end: start + written.length};
  return {code: 'FTS251', message: `there is no "${name}" to speak of here`, help: helpFor(name, names), part};
}

function helpFor(name: string, names: readonly string[]): string {
  if (!/^test[._]/.test(name)) return suggestion(name, names);
  const ofTest = names.filter((known) => known.startsWith('test.'));
  return findNearest(name, ofTest) === undefined
    ? `Test metrics are sealed: of the test split a condition knows ${ofTest.join(', ')} alone. Judge by validation.`
    : suggestion(name, ofTest);
}

// Names are plain words with dots. One that stands in a text literal costs a needless look-up only.
function namesIn(text: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => new RegExp(`(?<![\\w.])${name.replace('.', '\\s*\\.\\s*')}(?![\\w.])`).test(text));
}

function valueAt(values: JsonObject, name: string): number | undefined {
  const [group = name, member] = name.split('.');
  const found: Json | undefined = values[group];
  const value = member === undefined ? found : isJsonObject(found) ? found[member] : undefined;
  return typeof value === 'number' ? value : undefined;
}

// What a condition does not read needs no value of its own, but every group must be whole.
function grouped(names: readonly string[], values: JsonObject): Record<string, unknown> {
  const context: Record<string, number | Record<string, number>> = {};
  for (const name of names) {
    const [group = name, member] = name.split('.');
    const value = valueAt(values, name) ?? 0;
    const before = context[group];
    context[group] = member === undefined ? value : {...(typeof before === 'object' ? before : {}), [member]: value};
  }
  return context;
}
