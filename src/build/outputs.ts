// Verifies what a study or a training left: there, whole, of the right identity and key, checks met. Nothing passes by default.
import {canonicalText, isJsonObject, parseObject, type Json, type JsonObject} from '../base/json.ts';
import {warning, type Diagnostic} from '../base/diagnostic.ts';
import type {Key} from '../base/ids.ts';
import {sorted} from '../base/order.ts';
import type {JobWork, Node} from '../graph/node.ts';
import type {Session} from './session.ts';
import {checkVariables} from './check-variables.ts';

export interface Checked {
  /** Each one fails the node. */
  readonly problems: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

export interface Verified extends Checked {
  /** There is no whole result of the right identity and key to speak of; where it is false, the problems are checks that do not hold. */
  readonly isBroken: boolean;
}

/** The node's JSON result; undefined when it is not there or is no JSON object. */
export function readResult(session: Session, node: Node): JsonObject | undefined {
  const [first] = node.outputs;
  const text = first === undefined ? undefined : session.disk.readText(first.path);
  return parseObject(text);
}

/** With `any`, the key is not looked at: it is going to be stamped. */
export async function verifyOutputs(session: Session, node: Node, work: JobWork, key: Key | 'any'): Promise<Verified> {
  const missing = node.outputs.filter(({path}) => session.disk.stat(path) === 'missing');
  if (missing.length > 0) return broken(missing.map(({path}) => `it did not write ${path}`));
  const path = node.outputs[0]?.path ?? '';
  const result = readResult(session, node);
  if (result === undefined) return broken([`${path} is no JSON object`]);
  const {validateResult} = await import('../config/results.ts');
  const schemaProblems = validateResult(work.rule === 'hpo' ? 'best_params' : 'metrics', result);
  if (schemaProblems.length > 0) return broken(schemaProblems.map((text) => `${path}: ${text}`));
  const problems = [
    ...identityProblems(path, result, {...work.identity}),
    ...keyProblems(path, result, key),
    ...incompleteParams(path, result, work),
  ];
  if (problems.length > 0) return broken(problems);
  if (work.checks.length > 0) await session.conditions.load();
  return {...(runChecks(session, work, result) ?? {problems: [], warnings: []}), isBroken: false};
}

function broken(problems: readonly string[]): Verified {
  return {problems, warnings: [], isBroken: true};
}

/** Each member in which the result is of another experiment. */
export function identityProblems(path: string, result: JsonObject, wanted: JsonObject): string[] {
  const found = isJsonObject(result['identity']) ? result['identity'] : {};
  return sorted(new Set([...Object.keys(found), ...Object.keys(wanted)]))
    .filter((name) => canonicalText(found[name] ?? null) !== canonicalText(wanted[name] ?? null))
    .map(
      (name) =>
        `${path} carries the identity of another: ${name} is ${canonicalText(found[name] ?? null)}, not ${canonicalText(wanted[name] ?? null)}`,
    );
}

function keyProblems(path: string, result: JsonObject, key: Key | 'any'): string[] {
  if (key === 'any' || result['key'] === key) return [];
  return [`${path} carries the key ${JSON.stringify(result['key'] ?? null)}, not ${key}`];
}

const architecture = ['d_model', 'n_layers', 'n_heads', 'ff_ratio'];

// Every searched parameter that is not conditional must be there, the whole architecture included.
function incompleteParams(path: string, result: JsonObject, work: JobWork): string[] {
  if (work.rule !== 'hpo') return [];
  const {search, architecture: grid} = work.record;
  const wanted = [...(isJsonObject(grid) ? architecture : []), ...unconditional(search)];
  const {params} = result;
  const lacking = wanted.filter((name) => !isJsonObject(params) || params[name] === undefined);
  return lacking.length === 0 ? [] : [`${path}: params lack ${lacking.join(', ')}`];
}

function unconditional(search: Json | undefined): string[] {
  if (!isJsonObject(search)) return [];
  return Object.entries(search).flatMap(([name, range]) => (isJsonObject(range) && range['when'] === undefined ? [name] : []));
}

/** What the checks say of a result; undefined while the library behind them is not loaded. */
export function runChecks({conditions}: Pick<Session, 'conditions'>, work: JobWork, result: JsonObject): Checked | undefined {
  const variables = checkVariables(work.rule, result);
  const problems: string[] = [];
  const warnings: Diagnostic[] = [];
  for (const {expression, severity, span} of work.checks) {
    const outcome = conditions.evaluate(expression, variables);
    if (outcome === undefined) return undefined;
    if (outcome.holds !== false) continue;
    const text = `the check \`${expression}\` does not hold${outcome.detail === '' ? '' : ` (${outcome.detail})`}`;
    if (severity === 'warn') warnings.push(warning('FTS511', text, {span}));
    else problems.push(text);
  }
  return {problems, warnings};
}
