// How a study stands: a line for each phase and budget with its price, what is wrong, why what is stale is stale, and all in all.
import {formatDuration} from '../base/units.ts';
import type {Cost} from '../build/estimate.ts';
import {totalsOf, type NodeState} from '../build/node-state.ts';
import {describeCount, type Partial} from '../build/partial.ts';
import {groupByBudget, sumOf, type Sum} from '../build/sums.ts';
import type {Node} from '../graph/node.ts';
import {plainEstimate} from './price.ts';
import type {Paint} from './paint.ts';
import {describeTotals} from './totals.ts';

export interface Standing {
  readonly node: Node;
  readonly state: NodeState;
  readonly reason: string;
  /** Trials of a search that was begun and stopped. */
  readonly progress: Partial['trials'] | undefined;
  /** Fresh, and yet something is to be said of it: that it was adopted, or what a check warns of. */
  readonly isRemarkable: boolean;
  /** It would run for a reason of its own, not only because something before it does. */
  readonly hasOwnReason: boolean;
  readonly cost: Cost;
}

export function describeStandings(all: readonly Standing[], paint: Paint): readonly string[] {
  const groups = groupByBudget(all).map(
    ({phase, budget, members}) => [[phase ?? 'study', ...(budget === undefined ? [] : [budget])].join(' '), members] as const,
  );
  const width = Math.max(...groups.map(([name]) => name.length));
  const line = (name: string, members: readonly Standing[]): string =>
    `${name.padEnd(width)}  ${describeTotals(totalsOf(members.map(({state}) => state)))}${paint.dim(describeCost(priceOf(members)))}`;
  const remarkable = all.filter(({state, isRemarkable}) => (state !== 'fresh' && state !== 'stale') || isRemarkable);
  return [
    ...groups.map(([name, members]) => line(name, members)),
    ...remarkable.map((one) => `  ${describeState(one)} ${one.node.label}: ${withoutState(one)}`),
    ...describeStale(all, paint),
    line('total', all),
  ];
}

/** `partial 2/6`. */
function describeState({state, progress}: Standing): string {
  return progress === undefined || progress === null ? state : `${state} ${describeCount(progress)}`;
}

// The state stands before the label; what made it so may speak of other states.
function withoutState({state, reason}: Standing): string {
  return reason.startsWith(`${state}: `) ? reason.slice(state.length + 2) : reason;
}

function priceOf(all: readonly Standing[]): Sum {
  return sumOf(all.map(({cost}) => cost));
}

export function describeCost({ms, lowMs, highMs, unknown}: Sum): string {
  const without = unknown > 0 ? `, ${String(unknown)} without an estimate` : '';
  return ms > 0 ? `  about ${formatDuration(ms)} (${formatDuration(lowMs)} to ${formatDuration(highMs)})${without}` : without;
}

const mostReasons = 8;

// Many are stale for the same reason; what only follows on others is not told.
function describeStale(all: readonly Standing[], paint: Paint): readonly string[] {
  const reasons = new Map<string, Standing[]>();
  for (const one of all) {
    if (one.state !== 'stale' || !one.hasOwnReason) continue;
    const same = reasons.get(one.reason);
    if (same === undefined) reasons.set(one.reason, [one]);
    else same.push(one);
  }
  const lines = [...reasons].map(([reason, same]) => `  stale ${describeNodes(same)}: ${reason}${paint.dim(describeCost(priceOf(same)))}`);
  const more = lines.length - mostReasons;
  return more > 0 ? [...lines.slice(0, mostReasons), `  and for ${String(more)} more reasons: ftsbuild why all`] : lines;
}

function describeNodes(all: readonly Standing[]): string {
  const [first] = all;
  return first === undefined || all.length > 1 ? `${String(all.length)} targets` : first.node.label;
}

/** As `schemas/status.schema.json` says, without the build that runs. */
export function plainStandings(all: readonly Standing[]): object {
  return {
    totals: totalsOf(all.map(({state}) => state)),
    price: plainSum(priceOf(all)),
    groups: groupByBudget(all).map(({phase, budget, members}) => ({
      phase: phase ?? null,
      budget: budget ?? null,
      totals: totalsOf(members.map(({state}) => state)),
      price: plainSum(priceOf(members)),
    })),
    targets: all.map(({node, state, reason, progress, cost}) => ({
      target: node.outputs[0]?.path ?? node.id,
      rule: node.rule,
      phase: node.phase ?? null,
      experiment: node.experiment ?? null,
      budget: node.dims.get('budget') ?? null,
      state,
      reason: progress === undefined || progress === null ? reason : `${describeCount(progress)}: ${reason}`,
      estimate: plainEstimate(cost),
    })),
  };
}

export function plainSum({ms, lowMs, highMs, unknown}: Sum): object {
  return {seconds: ms / 1000, low_seconds: lowMs / 1000, high_seconds: highMs / 1000, unknown};
}
