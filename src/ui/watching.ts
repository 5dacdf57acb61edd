// What a person sees of a watched study: what changed, what is wrong, what became stale and what that would cost.
import {formatDuration} from '../base/units.ts';
import {unreachable} from '../base/unreachable.ts';
import {priceOf, type PlanOf} from '../build/price.ts';
import type {WatchEvent} from '../build/watch.ts';
import {describeOtherBuild} from './busy.ts';
import type {Paint} from './paint.ts';
import {describeForecast} from './reasons.ts';

type Told = Exclude<WatchEvent, {type: 'invalid' | 'warned' | 'trouble'}>;

/** Lines for the output; problems and trouble go elsewhere. */
export function describeWatch(event: Told, paint: Paint): readonly string[] {
  switch (event.type) {
    case 'watching':
      return [describeWatching(event), ''];
    case 'changed':
      return [paint.dim(`changed: ${shortList(event.paths)}`)];
    case 'valid_again':
      return [paint.green('valid again')];
    case 'busy':
      return [paint.yellow(`${describeOtherBuild(event.holder)}; watching goes on when it has ended`)];
    case 'stale':
      return describeStale(event.plan, paint);
    case 'all_fresh':
      return [paint.green('nothing is stale any more')];
    case 'nothing_to_do':
      return [paint.dim('nothing to do')];
    case 'waiting':
      return [];
    default:
      return unreachable(event);
  }
}

function describeWatching({study: {session, order}, files}: Extract<Told, {type: 'watching'}>): string {
  const more = files > 1 ? ` and ${String(files - 1)} more` : '';
  const profile = session.study.profile === undefined ? '' : `, profile ${session.study.profile}`;
  return `watching ${session.study.file}${more}${profile}: ${String(order.length)} targets. Ctrl-C ends it.`;
}

const mostPaths = 3;
const mostNodes = 10;

function shortList(paths: readonly string[]): string {
  const shown = paths.slice(0, mostPaths).join(', ');
  return paths.length > mostPaths ? `${shown} and ${String(paths.length - mostPaths)} more` : shown;
}

function describeStale(plan: PlanOf, paint: Paint): readonly string[] {
  const price = priceOf(plan);
  const {ms, lowMs, highMs} = price.sequential;
  const without = price.unknown > 0 ? `, ${String(price.unknown)} without an estimate` : '';
  const cost = ms > 0 ? `: about ${formatDuration(ms)} (${formatDuration(lowMs)} to ${formatDuration(highMs)})${without}` : without;
  const lines = plan.order.slice(0, mostNodes).flatMap((node) => {
    const entry = plan.forecasts.get(node.id);
    const estimate = price.of.get(node.id);
    const time = (estimate === undefined ? '' : formatDuration(estimate.ms)).padStart(9);
    return entry === undefined ? [] : [`${time}  ${node.label}  ${paint.dim(describeForecast(entry))}`];
  });
  const more = plan.order.length - mostNodes;
  return [
    paint.yellow(`stale, and not made here: ${countByRule(plan)}${cost}`),
    ...lines,
    ...(more > 0 ? [`${''.padStart(9)}  and ${String(more)} more (ftsbuild all --dry-run lists them)`] : []),
  ];
}

function countByRule({order}: PlanOf): string {
  const counts = new Map<string, number>();
  for (const {rule} of order) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].map(([rule, count]) => `${String(count)} ${rule}`).join(', ');
}
