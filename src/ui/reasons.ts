// Every sentence that says why a node runs, or does not.
import {unreachable} from '../base/unreachable.ts';
import {describeAdopted} from '../build/adopted.ts';
import {describeRejection} from '../build/checks.ts';
import type {Forecast, Resumed} from '../build/verdicts.ts';
import type {Reason} from '../state/judge.ts';
import type {Difference} from '../state/manifest.ts';
import type {Trace} from '../state/trace.ts';
import {describeValues, shortList} from './values.ts';

export function describeForecast(forecast: Forecast): string {
  switch (forecast.will) {
    case 'stay':
      return describeFresh(forecast.verdict.trace) + describeWarnings(forecast.verdict.trace);
    case 'run':
      return `${describeReason(forecast.verdict.reason)}${describeResumed(forecast.resumes)}`;
    case 'be_restored':
      return `${describeReason(forecast.verdict.reason)}; restored from ${forecast.from}`;
    case 'follow':
      return forecast.verdict.is === 'fresh' ? `if ${forecast.after.label} changes what it reads` : `after ${forecast.after.label}`;
    case 'be_refused':
      return `refused: ${forecast.verdict.message}`;
    case 'be_blocked':
      return `blocked: ${forecast.by.label} ${forecast.because === 'refused' ? 'is refused' : 'has failed'}`;
    case 'fail':
      return `failed: ${describeRejection(forecast.verdict)}`;
    default:
      return unreachable(forecast);
  }
}

function describeResumed(resumes: Resumed | undefined): string {
  if (resumes === undefined) return '';
  const what = resumes.trials > 0 ? `${String(resumes.trials)} trials` : 'what is left';
  return `; goes on with ${what} from ${resumes.from}`;
}

function describeFresh(trace: Pick<Trace, 'how' | 'reason' | 'from' | 'adopted'>): string {
  const adopted = describeAdopted(trace);
  return trace.how === 'adopted' || adopted === undefined ? describeMade(trace) : `${describeMade(trace)}; adopted: ${adopted}`;
}

function describeMade({how, reason, from}: Pick<Trace, 'how' | 'reason' | 'from'>): string {
  const copied = from === undefined ? '' : `, a copy of ${from}`;
  switch (how) {
    case 'ran':
      return 'fresh';
    case 'recognised':
      return 'fresh: found whole at its place, and recognised';
    case 'restored':
      return from === undefined ? 'fresh: restored from the cache' : `fresh: restored${copied}`;
    case 'adopted':
      return `fresh: adopted${copied} (${reason ?? 'no reason given'})`;
    default:
      return unreachable(how);
  }
}

function describeWarnings({warned = []}: Pick<Trace, 'warned'>): string {
  return warned.map((text) => `; warning: ${text}`).join('');
}

export function describeReason(reason: Reason): string {
  switch (reason.because) {
    case 'never_built':
      return 'never built';
    case 'invalid':
      return `declared invalid: ${reason.reason}`;
    case 'forced':
      return 'asked for (--always-make)';
    case 'input_missing':
      return `${reason.path} is missing`;
    case 'output_missing':
      return `${reason.path} is gone`;
    case 'output_changed':
      return `${reason.path} was changed since it was made`;
    case 'unrecorded':
      return `the data manifest does not know ${reason.path} as it is`;
    case 'changed':
      return describeChanges(reason.changes);
    case 'more_wanted':
      return `${reason.name}: ${JSON.stringify(reason.before)} -> ${JSON.stringify(reason.after)}`;
    case 'unfinished':
      return `${reason.status}: ${reason.message}`;
    default:
      return unreachable(reason);
  }
}

function describeChanges(changes: readonly Difference[]): string {
  const [first, ...others] = [...new Set(changes.flatMap(linesOf))];
  if (first === undefined) return 'changed';
  const more = others.length === 0 ? '' : ` and ${String(others.length)} more`;
  return `${first}${more}`;
}

/** `d_model: 64 -> 128`, or `fts/model.py changed` where the values are digests. */
export function describeDifference(difference: Difference): string {
  return shortList(linesOf(difference));
}

function linesOf({name, before, after}: Difference): readonly string[] {
  const plain = plainName(name);
  const result = /^param result (.*)$/.exec(name)?.[1];
  if (result !== undefined) return [describeStanding(result, before, after)];
  if (before === undefined) return [`${plain} is new`];
  if (after === undefined) return [`${plain} is no longer read`];
  if (after === 'missing') return [`${plain} is missing`];
  if (isDigest(before) || isDigest(after)) return [`${plain} changed`];
  return describeValues(plain, before, after);
}

// As people say it: an input that has a role is called by that.
function plainName(name: string): string {
  if (name === 'param installed') return 'environment';
  return name.replace(/^(param|file|code) /, '').replace(/^(environment|best_params)#.*$/, '$1');
}

// `"current 3f..."` or `"stale why"`: how a result that the report shows stands.
function describeStanding(path: string, before: string | undefined, after: string | undefined): string {
  const [was, is] = [before, after].map((text) => /^"?(\w+)/.exec(text ?? '')?.[1] ?? 'absent');
  return was === is ? `${path} changed` : `${path}: ${String(was)} -> ${String(is)}`;
}

function isDigest(text: string): boolean {
  return /^"?[0-9a-f]{64}"?$/.test(text) || text === 'missing';
}
