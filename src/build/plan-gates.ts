// All gates over a whole plan, before anything is spent: every reason at once. Looks; refuses nothing itself.
import type {Diagnostic} from '../base/diagnostic.ts';
import type {NodeId} from '../base/ids.ts';
import type {JobWork, Node} from '../graph/node.ts';
import type {Resources} from '../host/resources.ts';
import {findRoomFailure} from './environment-room.ts';
import {findDataFailures, findMissingFiles, findScriptFailures, type PythonChecks} from './input-gates.ts';
import {spends} from './plan.ts';
import {findResourceFailures, type GateFailure, type Spender} from './resource-gates.ts';
import type {Session} from './session.ts';
import {isAwaited, type Forecast} from './verdicts.ts';

type Forecasts = ReadonlyMap<NodeId, Forecast>;

/** What can be known before the first node: all that rests on what is there already. */
export function findEarlyFailures(
  session: Session,
  order: readonly Node[],
  forecasts: Forecasts,
  resources: Resources,
): readonly GateFailure[] {
  const room = findRoomFailure(session, order, forecasts, resources);
  const spenders = spendersOf(order, forecasts);
  if (spenders.length === 0) return room;
  const settled = spenders.filter(({node}) => !dataIsAwaited(session, node, forecasts));
  return [
    ...room,
    ...findMissingFiles(
      session,
      order.filter((node) => runs(forecasts, node)),
    ),
    ...findDataFailures(session, settled),
    ...findResourceFailures(session, spenders, resources, copiedOf(order, forecasts)),
  ];
}

/** The same when data, scripts and environment are there; of the nodes that are still open, with how they all stand. */
export async function findLateFailures(
  session: Session,
  {open, forecasts}: {readonly open: readonly Node[]; readonly forecasts: Forecasts},
  {resources, python}: {readonly resources: Resources; readonly python: PythonChecks},
): Promise<readonly GateFailure[]> {
  // Where data could not be made, nothing is going to be spent on it.
  const spenders = spendersOf(open, forecasts).filter(({node}) => !dataIsAwaited(session, node, forecasts));
  if (spenders.length === 0) return [];
  return [
    ...findDataFailures(session, spenders),
    ...findResourceFailures(session, spenders, resources),
    ...(await findScriptFailures(session, spenders, python)),
  ];
}

/** Why nodes are shut out, as one text each. */
export function failuresByNode(failures: readonly GateFailure[]): ReadonlyMap<NodeId, string> {
  const texts = new Map<NodeId, string>();
  for (const {node, diagnostic} of failures) {
    const text = describeFailure(diagnostic);
    const before = texts.get(node.id);
    texts.set(node.id, before === undefined ? text : `${before}; ${text}`);
  }
  return texts;
}

const mostLabels = 3;

/** The same cause once, with the labels that it strikes; sentences that differ in their numbers only are one cause, and the first is told. */
export function mergeAlike(failures: readonly GateFailure[]): readonly Diagnostic[] {
  const causes = new Map<string, {readonly diagnostic: Diagnostic; readonly rest: string; readonly labels: string[]}>();
  for (const {node, diagnostic} of failures) {
    const start = `${node.label}: `;
    const isOwn = diagnostic.message.startsWith(start);
    const rest = isOwn ? diagnostic.message.slice(start.length) : diagnostic.message;
    const name = `${diagnostic.code} ${isOwn ? rest.replaceAll(/\d+(?:\.\d+)?/g, '#') : rest}`;
    const cause = causes.get(name) ?? {diagnostic, rest, labels: []};
    causes.set(name, cause);
    if (isOwn) cause.labels.push(node.label);
  }
  return [...causes.values()].map(({diagnostic, rest, labels}) => {
    const more = labels.length - mostLabels;
    const names = `${labels.slice(0, mostLabels).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
    return labels.length > 1 ? {...diagnostic, message: `${names}: ${rest}`} : diagnostic;
  });
}

export function describeFailure({message, help}: Diagnostic): string {
  return help === undefined ? message : `${message}. ${help}`;
}

function spendersOf(order: readonly Node[], forecasts: Forecasts): readonly Spender[] {
  return order.flatMap((node) => (spends(node) && node.work.kind === 'job' && runs(forecasts, node) ? [{node, work: node.work.job}] : []));
}

function copiedOf(order: readonly Node[], forecasts: Forecasts): readonly JobWork[] {
  return order.flatMap(({id, work}) => {
    const forecast = forecasts.get(id);
    return work.kind === 'job' && forecast?.will === 'be_restored' && forecast.copies ? [work.job] : [];
  });
}

function runs(forecasts: Forecasts, {id}: Node): boolean {
  const will = forecasts.get(id)?.will;
  return will === 'run' || will === 'follow';
}

/** Whether what a node reads will be made anew before it. */
export function dataIsAwaited({graph}: Session, node: Node, forecasts: Forecasts): boolean {
  return graph.producersOf(node).some((producer) => producer.rule === 'data' && isAwaited(forecasts.get(producer.id)));
}
