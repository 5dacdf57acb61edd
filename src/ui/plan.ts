// Shows what would run, why, and how long it will take: the refused and failed first, then the rest in the order of the build.
import {formatDuration} from '../base/units.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {describeFailure} from '../build/plan-gates.ts';
import {runs, type PlanOf, type Price} from '../build/price.ts';
import type {Session} from '../build/session.ts';
import type {Forecast} from '../build/verdicts.ts';
import type {Node} from '../graph/node.ts';
import type {Paint} from './paint.ts';
import {groupLines, refusalLines} from './plan-groups.ts';
import {askingLines, differenceLines, expensive, plainEstimate, plainRange, rangeText, totalLines} from './price.ts';
import {describeForecast} from './reasons.ts';

export interface PricedPlan extends PlanOf {
  readonly price: Price;
  /** A node that takes longer asks before it runs. */
  readonly askOverMs: number;
  /** What would refuse the whole plan, as far as it is known before anything runs. */
  readonly gates?: readonly Diagnostic[];
  /** What the environment takes on the disk, where it is to be made. */
  readonly room?: string | undefined;
}

export interface Entry {
  readonly node: Node;
  readonly entry: Forecast;
}

/** A plan of so few steps is shorter, and says more, step by step. */
const fewSteps = 6;

/** By phase and budget, or node by node; totals last. */
export function describePlan(plan: PricedPlan, wanted: 'groups' | 'nodes', paint: Paint): string[] {
  const entries = entriesOf(plan);
  const steps = entries.filter(({entry}) => entry.will !== 'stay').length;
  const by = steps <= fewSteps ? 'nodes' : wanted;
  const lines =
    by === 'nodes'
      ? nodeLines(plan, entries, paint)
      : [...refusalLines(entries, paint), ...warningLines(entries, paint), ...groupLines(plan, entries, paint)];
  const gates = plan.gates ?? [];
  if (gates.length > 0) lines.push('', paint.yellow('As things stand, gates would refuse this plan, and nothing would be spent:'));
  lines.push(...gates.map((gate) => `  ${describeFailure(gate)}`));
  lines.push(...(lines.length > 0 ? [''] : []), countLine(plan, entries));
  if (entries.some(({entry}) => runs(entry))) lines.push(...totalLines(plan.price), ...differenceLines(plan));
  if (plan.room !== undefined) lines.push(plan.room);
  lines.push(...askingLines(plan));
  if (by === 'groups') lines.push(paint.dim('Node by node: -v'));
  return lines;
}

function nodeLines(plan: PricedPlan, entries: readonly Entry[], paint: Paint): string[] {
  const running = entries.filter(({entry}) => runs(entry));
  const lines = entries
    .filter((item) => isRefused(item) || item.entry.will === 'fail')
    .map(({node, entry}) => `${paint.yellow(node.label)}  ${describeForecast(entry)}`);
  lines.push(...warningLines(entries, paint));
  const restored = entries.filter(({entry}) => entry.will === 'be_restored');
  lines.push(...restored.map((item) => planLine(plan, item, paint)));
  lines.push(...running.map((item) => planLine(plan, item, paint)));
  return lines;
}

function entriesOf({order, forecasts}: PricedPlan): readonly Entry[] {
  return order.flatMap((node) => {
    const entry = forecasts.get(node.id);
    return entry === undefined ? [] : [{node, entry}];
  });
}

function isRefused({entry}: Entry): boolean {
  return entry.will === 'be_refused' || entry.will === 'be_blocked';
}

// New checks that only warn, of results that stay as they are.
function warningLines(entries: readonly Entry[], paint: Paint): string[] {
  return entries.flatMap(({node, entry}) =>
    entry.will === 'stay' ? (entry.verdict.trace.warned ?? []).map((text) => `${paint.yellow(node.label)}  warning: ${text}`) : [],
  );
}

function planLine({session, price}: PricedPlan, {node, entry}: Entry, paint: Paint): string {
  const estimate = price.of.get(node.id);
  const unpriced = entry.will === 'be_restored' ? '' : '?';
  const time = (estimate === undefined ? unpriced : formatDuration(estimate.ms)).padStart(7);
  const trust = estimate === undefined ? '' : `${rangeText(estimate)} ${estimate.from}`;
  return `${time}  ${paint.dim(trust.padEnd(28))}  ${node.label}  ${paint.dim(describeForecast(entry) + describeSearch(session, node) + describeWait(price, node))}`;
}

// What a study varies, and how large its grid is: a search that leaves out the architecture shows here.
export function describeSearch(session: Session, node: Node): string {
  if (node.rule !== 'hpo') return '';
  const source = session.study.experiments.find(({name}) => name === node.experiment)?.source;
  if (source?.kind !== 'study') return '';
  const {configurations, shapes, varies} = source.searchSummary;
  const what = varies.map((name) =>
    name === 'architecture' && configurations > 0
      ? `${String(configurations)} ${configurations === 1 ? 'architecture' : 'architectures'} (${String(shapes)} ${shapes === 1 ? 'shape' : 'shapes'})`
      : name,
  );
  return what.length === 0 ? '; varies nothing' : `; varies ${what.join(', ')}`;
}

function describeWait({waits}: Price, node: Node): string {
  // A training says already which study it waits for.
  const canary = node.rule === 'hpo' ? waits.get(node.id) : undefined;
  return canary === undefined ? '' : `; held until the canary ${canary.label} has succeeded`;
}

function countLine(plan: PricedPlan, entries: readonly Entry[]): string {
  const byRule = new Map<string, number>();
  for (const {node, entry} of entries) if (runs(entry)) byRule.set(node.rule, (byRule.get(node.rule) ?? 0) + 1);
  const rules = [...byRule].map(([rule, count]) => `${String(count)} ${rule}`).join(', ');
  const {run, fresh, refused, failed, restored, byHand} = countsOf(plan, entries);
  const hand = byHand > 0 ? ` (${String(byHand)} found whole, and recognised)` : '';
  return `${String(run)} to run${rules === '' ? '' : ` (${rules})`}, ${String(fresh)} fresh${hand}${restored > 0 ? `, ${String(restored)} restored from the cache` : ''}${refused > 0 ? `, ${String(refused)} refused or blocked` : ''}${failed > 0 ? `, ${String(failed)} failed by their checks` : ''}`;
}

interface Counts {
  readonly run: number;
  readonly fresh: number;
  readonly refused: number;
  readonly failed: number;
  readonly restored: number;
  readonly byHand: number;
}

function countsOf({session}: PricedPlan, entries: readonly Entry[]): Counts {
  const run = entries.filter(({entry}) => runs(entry)).length;
  const refused = entries.filter(isRefused).length;
  const isNew = ({node, entry}: Entry): boolean =>
    entry.will === 'stay' && entry.verdict.trace.at !== session.store.standingOf(node.id).trace?.at;
  const restored = entries.filter(({entry}) => entry.will === 'be_restored').length;
  const failed = entries.filter(({entry}) => entry.will === 'fail').length;
  return {run, refused, failed, restored, fresh: entries.length - run - refused - failed - restored, byHand: entries.filter(isNew).length};
}

/** The plan as `schemas/plan.schema.json` says. */
export function plainPlan(plan: PricedPlan): object {
  const entries = entriesOf(plan);
  const {price} = plan;
  const asking = new Set(expensive(plan));
  const {run, fresh, refused, failed, restored} = countsOf(plan, entries);
  return {
    schema_version: 1,
    targets: entries
      .filter(({entry}) => entry.will !== 'stay')
      .map(({node, entry}) => ({
        target: node.outputs[0]?.path ?? node.id,
        node: node.label,
        rule: node.rule,
        phase: node.phase ?? null,
        experiment: node.experiment ?? null,
        budget: node.dims.get('budget') ?? null,
        will: entry.will,
        reason: describeForecast(entry),
        estimate: plainEstimate(price.of.get(node.id) ?? 'unknown'),
        asks: asking.has(node),
        held_by: price.waits.get(node.id)?.outputs[0]?.path ?? null,
      })),
    totals: {run, fresh, refused, failed, restored, unknown: price.unknown},
    gates: (plan.gates ?? []).map(({code, message, help}) => ({code, message, help: help ?? null})),
    jobs: price.jobs,
    sequential: plainRange(price.sequential),
    parallel: plainRange(price.parallel),
  };
}
