// `ftsbuild status`: the build that runs, if one does; then how the study stands, by phase and budget: fresh, stale, refused, failed, and what is stale why.
import {describeAdopted} from '../build/adopted.ts';
import {lookWith} from '../build/conditions.ts';
import {nodeStateOf} from '../build/node-state.ts';
import {findPartial} from '../build/partial.ts';
import {openPricer, type Pricer} from '../build/price.ts';
import type {Session} from '../build/session.ts';
import {forecast, type Forecast} from '../build/verdicts.ts';
import type {NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {machineProcesses} from '../host/processes.ts';
import {findHolder, type Holder} from '../state/lock.ts';
import {findView} from '../ui/ndjson.ts';
import {describeHolder, plainHolder} from '../ui/running.ts';
import {describeForecast} from '../ui/reasons.ts';
import {isSuspended} from '../ui/requests.ts';
import {describeStandings, plainStandings, type Standing} from '../ui/standing.ts';
import {describeOrphanCount, plainOrphanCount} from '../ui/orphans.ts';
import type {View} from '../ui/view.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import {findOwnOrphans} from './orphans.ts';
import {findSuspension} from './suspended-builder.ts';
import type {Terminal} from './terminal.ts';

export interface StatusOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly json: boolean;
}

export async function status(options: StatusOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, {...options, targets: options.targets.length > 0 ? options.targets : ['all']});
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const forecasts = await lookWith(session.conditions, () => forecast(session, neededFor(session.graph, selected.value)));
  const {holder, view} = findRunning(session);
  const all = standingsOf(session, selected.value, {forecasts, view});
  const now = session.clock.now();
  const orphans = findOwnOrphans(options, session);
  if (options.json) {
    const running = holder === undefined ? null : {...plainHolder(holder, view, now), suspended: findSuspension(holder) !== undefined};
    terminal.print(JSON.stringify({schema_version: 1, running, ...plainStandings(all), orphans: plainOrphanCount(orphans)}, null, 2));
    return exitCode.done;
  }
  const {paint, screen} = terminal;
  const shown = {now, paint, unicode: screen?.unicode ?? false, columns: screen?.columns() ?? 120};
  if (holder !== undefined) {
    for (const line of describeHolder(holder, view, shown)) terminal.print(line);
    if (findSuspension(holder) !== undefined) terminal.print(`${isSuspended}\n`);
  }
  for (const line of [...describeStandings(all, paint), ...describeOrphanCount(orphans)]) terminal.print(line);
  return exitCode.done;
}

export function standingsOf(
  session: Session,
  nodes: readonly Node[],
  {forecasts, view}: {readonly forecasts: ReadonlyMap<NodeId, Forecast>; readonly view: View | undefined},
): readonly Standing[] {
  const price = openPricer(session, forecasts);
  return nodes.flatMap((node) => {
    const entry = forecasts.get(node.id);
    return entry === undefined ? [] : [standingOf(session, node, {entry, price, isRunning: view?.running.has(node.id) ?? false})];
  });
}

// Looks only: the lock and the event stream are files that the build writes whole or by whole lines.
export function findRunning({disk, clock}: Session): {readonly holder: Holder | undefined; readonly view: View | undefined} {
  const holder = findHolder({disk, clock, processes: machineProcesses(), path: '.ftsbuild/lock'});
  return {holder, view: holder === undefined ? undefined : findView(disk, holder)};
}

interface Look {
  readonly entry: Forecast;
  readonly price: Pricer;
  /** A build has it in hand: what the journal has of it so far is neither a result nor an interruption. */
  readonly isRunning: boolean;
}

function standingOf(session: Session, node: Node, {entry, price, isRunning}: Look): Standing {
  const state = isRunning ? 'stale' : nodeStateOf(session, node, entry);
  const {invalid} = session.store.standingOf(node.id);
  const partial = state === 'partial' ? findPartial(session, node, entry.verdict) : undefined;
  return {
    node,
    state,
    progress: partial?.trials ?? undefined,
    reason: isRunning ? 'it runs now' : state === 'invalid' ? (invalid?.reason ?? '') : (partial?.reason ?? describeForecast(entry)),
    isRemarkable: entry.will === 'stay' && (describeAdopted(entry.verdict.trace) !== undefined || entry.verdict.trace.warned !== undefined),
    hasOwnReason: entry.will !== 'follow',
    cost: price(node),
  };
}
