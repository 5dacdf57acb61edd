// Prices in words and as JSON: where an estimate is from, totals, what asks, what is refused, and where file and history differ.
import type {NodeId} from '../base/ids.ts';
import {formatDuration} from '../base/units.ts';
import {apart, estimateIn, type Cost, type Estimate} from '../build/estimate.ts';
import type {PlanOf, Price, Range} from '../build/price.ts';
import {spends} from '../build/plan.ts';
import type {Forecast} from '../build/verdicts.ts';
import type {Node} from '../graph/node.ts';

/** A plan, as far as its price goes. */
export interface Priced {
  readonly order: readonly Node[];
  readonly price: Price;
  /** A node that takes longer asks before it runs. */
  readonly askOverMs: number;
}

export function rangeText({lowMs, highMs}: Pick<Range, 'lowMs' | 'highMs'>): string {
  return `${formatDuration(lowMs)} to ${formatDuration(highMs)}`;
}

/** What is not known adds to what is: then the figure is a least one. */
export function totalLines({sequential, parallel, jobs, unknown}: Price): string[] {
  const about = unknown > 0 ? 'at least' : 'about';
  const without = unknown > 0 ? `, and ${String(unknown)} without an estimate` : '';
  return [
    `one after the other ${about} ${formatDuration(sequential.ms)} (${rangeText(sequential)})${without}`,
    `with the pools and -j ${String(jobs)} ${about} ${formatDuration(parallel.ms)} (${rangeText(parallel)})${without}`,
  ];
}

/** One line for each rule and budget where the file and the history are far apart, and for each of the two that says more: sums of both would hide it. */
export function differenceLines({order, price}: Pick<Priced, 'order' | 'price'>): string[] {
  const groups = new Map<string, Difference>();
  for (const node of order) {
    const estimate = price.of.get(node.id);
    if (estimate?.against === undefined) continue;
    const {from, against} = estimate;
    const name = `${node.rule} ${node.dims.get('budget') ?? ''}`.trimEnd();
    const kind = `${name} ${from} ${estimate.ms > against.ms ? 'more' : 'less'}`;
    const group = groups.get(kind) ?? {name, from, nodes: 0, ms: 0, againstMs: 0};
    groups.set(kind, {...group, nodes: group.nodes + 1, ms: group.ms + estimate.ms, againstMs: group.againstMs + against.ms});
  }
  return [...groups.values()].map(describeDifference);
}

interface Difference {
  readonly name: string;
  readonly from: Estimate['from'];
  readonly nodes: number;
  readonly ms: number;
  readonly againstMs: number;
}

function describeDifference({name, from, nodes, ms, againstMs}: Difference): string {
  const [history, file] = from === 'history' ? [ms, againstMs] : [againstMs, ms];
  const both = `${name}${nodes > 1 ? ` (${String(nodes)})` : ''}: the file says ${formatDuration(file)}, the history ${formatDuration(history)}, more than ${String(apart)} times apart`;
  if (from === 'history' && history < file) return `${both}; three runs of that size and more say so, and count`;
  return from === 'history' && history > file
    ? `${both}; the history counts`
    : `${both}; the larger counts until three runs of that size are there`;
}

/** Nodes that ask before they run, by the middle estimate; without one they are over every threshold. Steps of the engine itself never ask. */
export function expensive({order, price, askOverMs}: Priced): readonly Node[] {
  return order.filter((node) => spends(node) && (price.unpriced.has(node.id) || (price.of.get(node.id)?.ms ?? 0) > askOverMs));
}

export function askingLines(plan: Priced): string[] {
  const asking = expensive(plan);
  const open = asking.filter(({id}) => plan.price.unpriced.has(id)).length;
  const over = asking.length - open;
  const parts = [
    ...(over > 0 ? [`${String(over)} over ${formatDuration(plan.askOverMs)}`] : []),
    ...(open > 0 ? [`${String(open)} without an estimate`] : []),
  ];
  return parts.length === 0 ? [] : [`${parts.join(' and ')}: ask before they run (--yes, --ask-over)`];
}

export function describeExpensive(plan: Priced, nodes: readonly Node[]): string {
  const lines = nodes.map((node) => `  ${node.label}: ${timeOf(plan, node)}`);
  return `These would take more than ${formatDuration(plan.askOverMs)} each, or nobody knows how long:\n${lines.join('\n')}\nRun them?`;
}

/** Of nodes that nobody said yes to: why each does not run, and who was to take over what one of them finds, and would search in its place. */
export function describeRefusals(plan: Priced & Pick<PlanOf, 'forecasts'>, nodes: readonly Node[]): ReadonlyMap<NodeId, string> {
  const refusals = new Map(nodes.map((node) => [node.id, describeRefusal(plan, node)]));
  for (const {id} of plan.order) {
    const first = findSooner(plan.forecasts.get(id));
    if (first !== undefined && refusals.has(first.id) && !refusals.has(id))
      refusals.set(id, `it was to take over what ${first.label} finds, and nobody said yes to that (--yes runs it)`);
  }
  return refusals;
}

function findSooner(entry: Forecast | undefined): Node | undefined {
  if (entry?.will === 'be_restored') return entry.awaits;
  return entry?.will === 'run' ? entry.resumes?.after : undefined;
}

export function describeRefusal(plan: Priced, node: Node): string {
  const how = plan.price.unpriced.has(node.id)
    ? 'nobody knows how long it would take'
    : `it would take ${timeOf(plan, node)}, more than ${formatDuration(plan.askOverMs)}`;
  return `${how}, and nobody said yes (--yes runs it, --ask-over sets the threshold${plan.price.unpriced.has(node.id) ? ', an `estimate` of its budget gives it a price' : ''})`;
}

function timeOf({price}: Priced, node: Node): string {
  const estimate = price.of.get(node.id);
  return estimate === undefined
    ? 'no estimate'
    : `about ${formatDuration(estimate.ms)} (${rangeText(estimate)}, by ${describeSource(estimate)})`;
}

export function describeSource({from}: Estimate): string {
  switch (from) {
    case 'history':
      return "this workspace's history";
    case 'file':
      return "the file's estimate";
    case 'rule':
      return "the rule's own guess";
  }
}

/** Whether a plan may be refused for its price: by the middle estimate of the compute, whatever runs side by side; hours are paid for one by one. */
export function isOverLimit({sequential, unknown}: Price, maxHours: number | undefined): boolean {
  return maxHours !== undefined && (unknown > 0 || sequential.ms > maxHours * 3_600_000);
}

export function describeOverLimit({sequential, unknown}: Price, maxHours: number): string {
  const nodes = unknown === 1 ? '1 node' : `${String(unknown)} nodes`;
  const figure = `${unknown > 0 ? 'no less than ' : ''}${formatDuration(sequential.ms)} of compute (${rangeText(sequential)})${unknown > 0 ? `, and ${nodes} without an estimate` : ''}`;
  const isMore = sequential.ms > maxHours * 3_600_000;
  const why = `${isMore ? ', more than' : '; nobody knows whether that is within'} --max-hours ${String(maxHours)}`;
  const help = unknown > 0 ? ' An `estimate` of its budget in the file gives a node a price.' : '';
  return `refused: the plan is estimated at ${figure}${why}. Nothing was started. --dry-run shows each node; --only and --except narrow it.${help}`;
}

/** Null where there is no estimate. */
export function plainEstimate(cost: Cost): object | null {
  const estimate = estimateIn(cost);
  if (estimate === undefined) return null;
  const {from, against} = estimate;
  return {...plainRange(estimate), from, ...(against === undefined ? {} : {against: {seconds: against.ms / 1000, from: against.from}})};
}

export function plainRange({ms, lowMs, highMs}: Range): object {
  return {seconds: ms / 1000, low_seconds: lowMs / 1000, high_seconds: highMs / 1000};
}
