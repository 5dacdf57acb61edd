// `ftsbuild why`: what of a target changed since its last success, or why it is fresh; with --params, where each value came from.
import type {Json} from '../base/json.ts';
import {sortedBy} from '../base/order.ts';
import type {ParameterRecord} from '../config/study.ts';
import {openPricer, type Pricer} from '../build/price.ts';
import type {Session} from '../build/session.ts';
import {forecast, type Forecast} from '../build/verdicts.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {formatDuration} from '../base/units.ts';
import {placeOf} from '../ui/diagnostics.ts';
import {describeDifference, describeForecast} from '../ui/reasons.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';

export interface WhyOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly params: boolean;
  readonly json: boolean;
}

export function why(options: WhyOptions, terminal: Terminal): number {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, options);
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const forecasts = forecast(session, neededFor(session.graph, selected.value));
  const price = openPricer(session);
  const answers = selected.value.flatMap((node) => {
    const entry = forecasts.get(node.id);
    return entry === undefined ? [] : [answerFor(session, node, entry, {price, withParams: options.params})];
  });
  if (options.json) terminal.print(JSON.stringify({schema_version: 1, targets: answers}, null, 2));
  else for (const answer of answers) printAnswer(answer, terminal);
  return exitCode.done;
}

interface Answer {
  readonly target: string;
  readonly node: string;
  readonly state: Forecast['will'];
  readonly reason: string;
  readonly key: string;
  readonly changes: readonly {
    readonly name: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly text: string;
  }[];
  readonly last_success: string | null;
  readonly estimate_seconds: number | null;
  readonly params: readonly {readonly name: string; readonly value: Json; readonly from: string; readonly place: string | null}[];
}

function answerFor(session: Session, node: Node, entry: Forecast, {price, withParams}: {price: Pricer; withParams: boolean}): Answer {
  const trace = session.store.standingOf(node.id).lastTrace;
  const {verdict} = entry;
  const changes = verdict.is === 'stale' && verdict.reason.because === 'changed' ? verdict.reason.changes : [];
  const estimate = entry.will === 'stay' ? undefined : price(node, entry.verdict.key);
  return {
    target: node.outputs[0]?.path ?? node.id,
    node: node.label,
    state: entry.will,
    reason: describeForecast(entry),
    key: verdict.key,
    changes: changes.map((change) => ({
      name: change.name,
      before: change.before ?? null,
      after: change.after ?? null,
      text: describeDifference(change),
    })),
    last_success: trace === undefined ? null : new Date(trace.at).toISOString(),
    estimate_seconds: estimate === undefined ? null : estimate.ms / 1000,
    params: withParams ? paramsOf(session, node) : [],
  };
}

function paramsOf(session: Session, node: Node): Answer['params'] {
  const experiment = session.study.experiments.find(({name}) => name === node.experiment);
  if (experiment === undefined) return [];
  const {source, training} = experiment;
  const records: ParameterRecord[] =
    node.rule === 'training' ? [training.record] : source.kind === 'study' ? [source.record, source.extent] : [];
  const entries = records.flatMap((record) => [...record]);
  return sortedBy(entries, ([name]) => name).map(([name, {value, from, span}]) => ({
    name,
    value,
    from,
    place: span === undefined ? null : placeOf(span),
  }));
}

function printAnswer(answer: Answer, terminal: Terminal): void {
  const {paint} = terminal;
  terminal.print(`${answer.target}  ${paint.dim(`(${answer.node})`)}`);
  terminal.print(`  ${answer.state === 'stay' ? paint.green(answer.reason) : paint.yellow(answer.reason)}`);
  if (answer.changes.length > 1) for (const {text} of answer.changes) terminal.print(`    ${text}`);
  if (answer.last_success !== null) terminal.print(`  last success ${answer.last_success}, key ${answer.key.slice(0, 12)}`);
  if (answer.estimate_seconds !== null) terminal.print(`  will cost about ${formatDuration(answer.estimate_seconds * 1000)}`);
  for (const {name, value, from, place} of answer.params)
    terminal.print(`    ${name} = ${JSON.stringify(value)}  ${paint.dim(`${from}${place === null ? '' : `, ${place}`}`)}`);
}
