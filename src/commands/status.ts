// `ftsbuild status`: the build that runs, if one does; then how the study stands, by phase and budget: fresh, stale, refused, failed, and what is stale why.
import {lookWith} from '../build/conditions.ts';
import {nodeStateOf, totalsOf, type NodeState} from '../build/node-state.ts';
import type {Session} from '../build/session.ts';
import {forecast, type Forecast} from '../build/verdicts.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {machineProcesses} from '../host/processes.ts';
import {findHolder, type Holder} from '../state/lock.ts';
import {findView} from '../ui/ndjson.ts';
import {describeHolder, plainHolder} from '../ui/running.ts';
import {describeForecast} from '../ui/reasons.ts';
import {describeTotals} from '../ui/totals.ts';
import type {View} from '../ui/view.ts';
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

interface Row {
  readonly node: Node;
  readonly state: NodeState;
  readonly reason: string;
  /** Fresh, and yet something is to be said of it: that it was adopted, or what a check warns of. */
  readonly isRemarkable: boolean;
}

export async function status(options: StatusOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, {...options, targets: options.targets.length > 0 ? options.targets : ['all']});
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const forecasts = await lookWith(session.conditions, () => forecast(session, neededFor(session.graph, selected.value)));
  const rows = selected.value.flatMap((node) => {
    const entry = forecasts.get(node.id);
    return entry === undefined ? [] : [rowOf(session, node, entry)];
  });
  const {holder, view} = findRunning(session);
  const now = session.clock.now();
  if (options.json) {
    const running = holder === undefined ? null : plainHolder(holder, view, now);
    terminal.print(JSON.stringify({schema_version: 1, running, totals: totalsOf(statesOf(rows)), targets: rows.map(plainRow)}, null, 2));
    return exitCode.done;
  }
  const {paint, screen} = terminal;
  const shown = {now, paint, unicode: screen?.unicode ?? false, columns: screen?.columns() ?? 120};
  if (holder !== undefined) for (const line of describeHolder(holder, view, shown)) terminal.print(line);
  printRows(rows, terminal);
  return exitCode.done;
}

// Looks only: the lock and the event stream are files that the build writes whole or by whole lines.
function findRunning({disk, clock}: Session): {readonly holder: Holder | undefined; readonly view: View | undefined} {
  const holder = findHolder({disk, clock, processes: machineProcesses(), path: '.ftsbuild/lock'});
  return {holder, view: holder === undefined ? undefined : findView(disk, holder)};
}

function rowOf(session: Session, node: Node, entry: Forecast): Row {
  const state = nodeStateOf(session, node, entry);
  const {invalid} = session.store.standingOf(node.id);
  const isRemarkable = entry.will === 'stay' && (entry.verdict.trace.how === 'adopted' || entry.verdict.trace.warned !== undefined);
  return {node, state, reason: state === 'invalid' ? (invalid?.reason ?? '') : describeForecast(entry), isRemarkable};
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

function printRows(rows: readonly Row[], terminal: Terminal): void {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = [row.node.phase ?? 'study', row.node.dims.get('budget')].filter((part) => part !== undefined).join(' ');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  const width = Math.max(...[...groups.keys()].map((name) => name.length));
  for (const [name, group] of groups) terminal.print(`${name.padEnd(width)}  ${describeTotals(totalsOf(statesOf(group)))}`);
  for (const row of rows)
    if ((row.state !== 'fresh' && row.state !== 'stale') || row.isRemarkable)
      terminal.print(`  ${row.state} ${row.node.label}: ${row.reason.replace(`${row.state}: `, '')}`);
  terminal.print(`${'total'.padEnd(width)}  ${describeTotals(totalsOf(statesOf(rows)))}`);
}

function statesOf(rows: readonly Row[]): readonly NodeState[] {
  return rows.map(({state}) => state);
}
