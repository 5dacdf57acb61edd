// Shows what would run, why, and how long it will take: the refused first, then the rest in the order of the build.
import {formatDuration} from '../base/units.ts';
import type {NodeId} from '../base/ids.ts';
import {estimateOf} from '../build/estimate.ts';
import type {Session} from '../build/session.ts';
import type {Forecast} from '../build/verdicts.ts';
import type {Node} from '../graph/node.ts';
import type {Paint} from './paint.ts';
import {describeForecast} from './reasons.ts';

export function describePlan(session: Session, order: readonly Node[], forecasts: ReadonlyMap<NodeId, Forecast>, paint: Paint): string[] {
  const entries = order.flatMap((node) => {
    const entry = forecasts.get(node.id);
    return entry === undefined ? [] : [{node, entry}];
  });
  const refused = entries.filter(({entry}) => entry.will === 'be_refused' || entry.will === 'be_blocked');
  const running = entries.filter(({entry}) => entry.will === 'run' || entry.will === 'follow');
  const restored = entries.filter(({entry}) => entry.will === 'be_restored');
  const lines = refused.map(({node, entry}) => `${paint.yellow(node.label)}  ${describeForecast(entry)}`);
  lines.push(...restored.map(({node, entry}) => `${''.padStart(7)}  ${node.label}  ${paint.dim(describeForecast(entry))}`));
  lines.push(...running.map(({node, entry}) => planLine(session, node, entry, paint)));
  lines.push(
    '',
    totals(session, {
      running: running.map(({node}) => node),
      refused: refused.length,
      restored: restored.length,
      fresh: entries.length - running.length - refused.length - restored.length,
      byHand: entries.filter(({node, entry}) => entry.will === 'stay' && entry.verdict.trace !== session.store.standingOf(node.id).trace)
        .length,
    }),
  );
  return lines;
}

function planLine(session: Session, node: Node, entry: Forecast, paint: Paint): string {
  const estimate = estimateOf(session, node);
  const time = estimate === undefined ? '      ?' : formatDuration(estimate.ms).padStart(7);
  return `${time}  ${node.label}  ${paint.dim(describeForecast(entry) + describeSearch(session, node))}`;
}

// What a study varies, and how large its grid is: a search that leaves out the architecture shows here.
function describeSearch(session: Session, node: Node): string {
  if (node.rule !== 'hpo') return '';
  const source = session.study.experiments.find(({name}) => name === node.experiment)?.source;
  if (source?.kind !== 'study') return '';
  const {configurations, shapes, varies} = source.searchSummary;
  const what = varies.map((name) =>
    name === 'architecture' && configurations > 0 ? `${String(configurations)} architectures (${String(shapes)} shapes)` : name,
  );
  return what.length === 0 ? '; varies nothing' : `; varies ${what.join(', ')}`;
}

function totals(
  session: Session,
  counts: {
    readonly running: readonly Node[];
    readonly refused: number;
    readonly restored: number;
    readonly fresh: number;
    readonly byHand: number;
  },
): string {
  const byRule = new Map<string, number>();
  let ms = 0;
  let unknown = 0;
  for (const node of counts.running) {
    byRule.set(node.rule, (byRule.get(node.rule) ?? 0) + 1);
    const estimate = estimateOf(session, node);
    if (estimate === undefined) unknown++;
    else ms += estimate.ms;
  }
  const rules = [...byRule].map(([rule, count]) => `${String(count)} ${rule}`).join(', ');
  const refused = counts.refused > 0 ? `, ${String(counts.refused)} refused or blocked` : '';
  const time =
    counts.running.length === 0
      ? ''
      : `; one after the other about ${formatDuration(ms)}${unknown > 0 ? ` and ${String(unknown)} without an estimate` : ''}`;
  const byHand = counts.byHand > 0 ? ` (${String(counts.byHand)} made by hand, and recognised)` : '';
  const restored = counts.restored > 0 ? `, ${String(counts.restored)} restored` : '';
  return `${String(counts.running.length)} to run${rules === '' ? '' : ` (${rules})`}${restored}, ${String(counts.fresh)} fresh${byHand}${refused}${time}`;
}
