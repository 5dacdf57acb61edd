// `ftsbuild status`: how the study stands, by phase and budget: fresh, stale, refused, failed, and what is stale why.
import type {Session} from '../build/session.ts';
import {forecast, type Forecast} from '../build/verdicts.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {describeForecast} from '../ui/reasons.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';

export interface StatusOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly json: boolean;
}

const states = ['fresh', 'partial', 'failed', 'refused', 'stale'] as const;
type State = (typeof states)[number];

interface Row {
  readonly node: Node;
  readonly state: State;
  readonly reason: string;
}

export function status(options: StatusOptions, terminal: Terminal): number {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, {...options, targets: options.targets.length > 0 ? options.targets : ['all']});
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const forecasts = forecast(session, neededFor(session.graph, selected.value));
  const rows = selected.value.flatMap((node) => {
    const entry = forecasts.get(node.id);
    return entry === undefined ? [] : [{node, state: stateOf(session, node, entry), reason: describeForecast(entry)}];
  });
  if (options.json) terminal.print(JSON.stringify({schema_version: 1, totals: totalsOf(rows), targets: rows.map(plainRow)}, null, 2));
  else printRows(rows, terminal);
  return exitCode.done;
}

function stateOf(session: Session, node: Node, entry: Forecast): State {
  if (entry.will === 'stay') return 'fresh';
  if (entry.will === 'be_refused' || entry.will === 'be_blocked') return 'refused';
  const {ended} = session.store.standingOf(node.id);
  if (ended !== undefined && ended.key === entry.verdict.key && (ended.status === 'failed' || ended.status === 'partial'))
    return ended.status;
  return 'stale';
}

function plainRow({node, state, reason}: Row): object {
  return {
    target: node.outputs[0]?.path ?? node.id,
    rule: node.rule,
    phase: node.phase ?? null,
    experiment: node.experiment ?? null,
    budget: node.dims.get('budget') ?? null,
    state,
    reason,
  };
}

function totalsOf(rows: readonly Row[]): Record<State, number> {
  const totals: Record<State, number> = {fresh: 0, partial: 0, failed: 0, refused: 0, stale: 0};
  for (const {state} of rows) totals[state]++;
  return totals;
}

function printRows(rows: readonly Row[], terminal: Terminal): void {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = [row.node.phase ?? 'study', row.node.dims.get('budget')].filter((part) => part !== undefined).join(' ');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  const width = Math.max(...[...groups.keys()].map((name) => name.length));
  for (const [name, group] of groups) terminal.print(`${name.padEnd(width)}  ${describeTotals(totalsOf(group))}`);
  for (const row of rows)
    if (row.state !== 'fresh' && row.state !== 'stale')
      terminal.print(`  ${row.state} ${row.node.label}: ${row.reason.replace(`${row.state}: `, '')}`);
  terminal.print(`${'total'.padEnd(width)}  ${describeTotals(totalsOf(rows))}`);
}

function describeTotals(totals: Record<State, number>): string {
  return states
    .filter((state) => totals[state] > 0)
    .map((state) => `${String(totals[state])} ${state}`)
    .join(', ');
}
