// Applies the checks of today to results that are there already: they are in no key, so they may be new. Runs and moves nothing.
import {parseObject, type JsonObject} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import {checksOf, type Verdict} from '../state/judge.ts';
import type {Trace} from '../state/trace.ts';
import {readResult, runChecks, type Checked} from './outputs.ts';
import type {Session} from './session.ts';

export type Rejected = Extract<Verdict, {is: 'rejected'}>;

/** A fresh result whose checks changed since they were applied is fresh with a trace that is not recorded yet, or rejected. */
export function applyChecks(session: Session, node: Node, verdict: Verdict): Verdict {
  if (verdict.is !== 'fresh' || !isUnchecked(node, verdict.trace)) return verdict;
  const result = readResult(session, node);
  const checked = result === undefined ? undefined : findChecked(session, node, result);
  if (checked === undefined) return verdict;
  const {key, manifest, trace} = verdict;
  if (checked.problems.length > 0) return {is: 'rejected', key, manifest, message: checked.problems.join('; '), since: 'now', trace};
  return {...verdict, trace: asChecked(node, trace, checked)};
}

/** Of results that lie elsewhere, whether today's checks speak against them. */
export function findRejection(session: Session, node: Node, made: {readonly trace: Trace; readonly path: string}): string | undefined {
  if (!isUnchecked(node, made.trace)) return undefined;
  const result = parseObject(session.disk.readText(made.path));
  const problems = result === undefined ? [] : (findChecked(session, node, result)?.problems ?? []);
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** The trace with what today's checks said, in place of what earlier ones did. */
export function asChecked(node: Node, {checked: _checked, warned: _warned, ...trace}: Trace, said: Checked): Trace {
  return {...trace, ...checkedAs(node, said)};
}

/** What a trace says of the checks that were applied. */
export function checkedAs(node: Node, {warnings}: Checked): Pick<Trace, 'checked' | 'warned'> {
  const checks = checksOf(node);
  return {
    ...(checks === '' ? {} : {checked: checks}),
    ...(warnings.length === 0 ? {} : {warned: warnings.map(({message}) => message)}),
  };
}

/** Why it has failed, for people. */
export function describeRejection({message, since}: Rejected): string {
  return since === 'before' ? `its check failed: ${message}; nothing changed since` : `a check of today fails on its results: ${message}`;
}

function isUnchecked(node: Node, trace: Trace): boolean {
  return (trace.checked ?? '') !== checksOf(node);
}

/** Undefined also where there is nothing to check. */
export function findChecked(session: Session, node: Node, result: JsonObject): Checked | undefined {
  return node.work.kind === 'job' ? runChecks(session, node.work.job, result) : undefined;
}
