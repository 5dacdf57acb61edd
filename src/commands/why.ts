// `ftsbuild why`: what of a target changed since its last success, or why it is fresh; with --params, where each value came from.
import {causesIn, type Causes} from '../build/causes.ts';
import {lookWith} from '../build/conditions.ts';
import {explainChange, type Change} from '../build/changes.ts';
import {estimateIn, type Cost} from '../build/estimate.ts';
import {openPricer, type Pricer} from '../build/price.ts';
import {sumOf, type Sum} from '../build/sums.ts';
import type {Session} from '../build/session.ts';
import {forecast, type Forecast} from '../build/verdicts.ts';
import type {NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {formatDuration} from '../base/units.ts';
import {describeChange, describeChanges} from '../ui/changes.ts';
import {describeSource, plainEstimate} from '../ui/price.ts';
import {describeForecast, describeReason} from '../ui/reasons.ts';
import {yamlText} from '../ui/values.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import {paramsOf, type ShownParam} from './params.ts';
import type {Terminal} from './terminal.ts';

export interface WhyOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly params: boolean;
  readonly json: boolean;
}

export async function why(options: WhyOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, options);
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const answers = await lookWith(session.conditions, () => explain(session, selected.value, options.params));
  if (options.json) terminal.print(JSON.stringify({schema_version: 1, targets: answers.map(plainAnswer)}, null, 2));
  else for (const answer of answers) printAnswer(answer, terminal);
  return exitCode.done;
}

export interface Answer {
  readonly node: Node;
  readonly entry: Forecast;
  /** Of the node itself, since its last success. */
  readonly changes: readonly Change[];
  readonly because: readonly {readonly reason: string; readonly nodes: readonly Node[]}[];
  readonly lastSuccess: string | null;
  readonly cost: Cost;
  readonly downstream: Downstream | undefined;
  readonly params: readonly ShownParam[];
}

interface Downstream extends Sum {
  readonly nodes: number;
}

/** The whole graph is looked at, since what becomes stale from the same cause may lie anywhere. */
export function explain(session: Session, nodes: readonly Node[], withParams: boolean): readonly Answer[] {
  const {graph} = session;
  const order = neededFor(graph, graph.nodes);
  const forecasts = forecast(session, order);
  const price = openPricer(session, forecasts);
  const causes = causesIn({graph, order, forecasts, textOf: (node) => causeText(session, node, forecasts)});
  return nodes.flatMap((node) => {
    const entry = forecasts.get(node.id);
    return entry === undefined ? [] : [answerFor({session, price, causes, forecasts, withParams}, node, entry)];
  });
}

// Changes are the same cause wherever they strike; that something was never built, or is gone, is a matter of the node alone.
function causeText(session: Session, node: Node, forecasts: ReadonlyMap<NodeId, Forecast>): string | undefined {
  const entry = forecasts.get(node.id);
  if (entry?.verdict.is !== 'stale') return node.id;
  const {reason} = entry.verdict;
  if (reason.because !== 'changed') return `${node.label}: ${describeReason(reason)}`;
  // That results are shown otherwise follows from what made them stale.
  const own = reason.changes.map((change) => explainChange(session, node, change)).filter(({kind}) => kind !== 'result');
  return own.length === 0 ? undefined : describeChanges(own).join('; ');
}

interface Frame {
  readonly session: Session;
  readonly price: Pricer;
  readonly causes: Causes;
  readonly forecasts: ReadonlyMap<NodeId, Forecast>;
  readonly withParams: boolean;
}

function answerFor(frame: Frame, node: Node, entry: Forecast): Answer {
  const {session, price, causes} = frame;
  const {verdict} = entry;
  const trace = session.store.standingOf(node.id).lastTrace;
  const differences = verdict.is === 'stale' && verdict.reason.because === 'changed' ? verdict.reason.changes : [];
  const stale = entry.will === 'run' || entry.will === 'follow';
  return {
    node,
    entry,
    changes: differences.map((change) => explainChange(session, node, change)),
    because: stale ? causes.of(node).map(({text, nodes}) => ({reason: text, nodes})) : [],
    lastSuccess: trace === undefined ? null : new Date(trace.at).toISOString(),
    cost: price(node),
    downstream: stale ? downstreamOf(frame, node) : undefined,
    params: frame.withParams ? paramsOf(session, node, frame.forecasts) : [],
  };
}

function downstreamOf({causes, price}: Frame, node: Node): Downstream {
  const nodes = causes.sharing(node);
  return {nodes: nodes.length, ...sumOf(nodes.map(price))};
}

/** As `schemas/why.schema.json` says. */
export function plainAnswer({node, entry, changes, because, lastSuccess, cost, downstream, params}: Answer): object {
  const trace = entry.will === 'stay' ? entry.verdict.trace : undefined;
  return {
    target: node.outputs[0]?.path ?? node.id,
    node: node.label,
    state: entry.will,
    reason: describeForecast(entry),
    key: entry.verdict.key,
    changes: changes.map((change) => ({
      name: change.name,
      kind: change.kind,
      before: change.before ?? null,
      after: change.after ?? null,
      parts: change.parts === undefined ? null : change.parts.length === 0 ? ['order'] : change.parts,
      producer: change.producer?.label ?? null,
      text: describeChange(change),
    })),
    because: because.map(({reason, nodes}) => ({reason, nodes: nodes.map(({label}) => label)})),
    fresh:
      trace === undefined ? null : {how: trace.how, made: new Date(trace.at).toISOString(), dependencies: entry.verdict.manifest.length},
    last_success: lastSuccess,
    estimate: plainEstimate(cost),
    downstream:
      downstream === undefined
        ? null
        : {
            nodes: downstream.nodes,
            seconds: downstream.ms / 1000,
            low_seconds: downstream.lowMs / 1000,
            high_seconds: downstream.highMs / 1000,
            unknown: downstream.unknown,
          },
    params,
  };
}

function printAnswer(answer: Answer, terminal: Terminal): void {
  const {node, entry, changes, because, lastSuccess, cost, downstream} = answer;
  const {paint} = terminal;
  terminal.print(`${node.outputs[0]?.path ?? node.id}  ${paint.dim(`(${node.label})`)}`);
  terminal.print(`  ${entry.will === 'stay' ? paint.green(describeForecast(entry)) : paint.yellow(describeForecast(entry))}`);
  if (entry.will === 'stay') terminal.print(`  ${describeFresh(entry)}`);
  for (const text of describeChanges(changes)) terminal.print(`    ${text}`);
  for (const {reason, nodes} of because)
    if (!isOwn(answer, reason, nodes)) terminal.print(`  because ${reason}${describeStruck(reason, nodes)}`);
  if (entry.will !== 'stay' && lastSuccess !== null) terminal.print(`  last success ${lastSuccess}`);
  const estimate = estimateIn(cost);
  if (estimate !== undefined)
    terminal.print(`  will cost about ${formatDuration(estimate.ms)} (${rangeOf(estimate)}, by ${describeSource(estimate)})`);
  if (cost === 'unknown') terminal.print('  what it will cost nobody knows: nothing of its size ran here, and the file has no `estimate`');
  if (downstream !== undefined && downstream.nodes > 1)
    terminal.print(
      `  with all ${String(downstream.nodes)} that are stale for the same reasons about ${formatDuration(downstream.ms)} (${rangeOf(downstream)})${downstream.unknown > 0 ? `, and ${String(downstream.unknown)} without an estimate` : ''}`,
    );
  for (const {name, value, from, place} of answer.params)
    terminal.print(`    ${name} = ${yamlText(value)}  ${paint.dim(`${from}${place === null ? '' : `, ${place}`}`)}`);
}

function describeFresh({verdict}: Extract<Forecast, {will: 'stay'}>): string {
  const {how, at} = verdict.trace;
  return `key ${verdict.key.slice(0, 12)}, ${how} ${new Date(at).toISOString()}; all ${String(verdict.manifest.length)} dependencies are as they were`;
}

// Said above already, as the node's own changes or reason.
function isOwn({node, entry}: Answer, reason: string, nodes: readonly Node[]): boolean {
  return entry.will === 'run' && nodes.includes(node) && (nodes.length === 1 || !reason.startsWith(node.label));
}

function describeStruck(reason: string, nodes: readonly Node[]): string {
  const [first] = nodes;
  if (first === undefined || reason.startsWith(first.label)) return '';
  return `, for ${first.label}${nodes.length > 1 ? ` and ${String(nodes.length - 1)} more` : ''}`;
}

function rangeOf({lowMs, highMs}: {readonly lowMs: number; readonly highMs: number}): string {
  return `${formatDuration(lowMs)} to ${formatDuration(highMs)}`;
}
