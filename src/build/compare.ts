// What a study becomes when its configuration is another: which experiments come, go or change, and what that costs in this workspace.
import {canonicalText} from '../base/json.ts';
import type {NodeId} from '../base/ids.ts';
import type {Node, RuleName} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {differencesBetween, type Difference} from '../state/manifest.ts';
import {explainChange, type Change} from './changes.ts';
import {lookWith} from './conditions.ts';
import type {Cost} from './estimate.ts';
import {nodeStateOf, type NodeState} from './node-state.ts';
import {openPricer, type Pricer} from './price.ts';
import type {Session} from './session.ts';
import {sumOf, type Sum} from './sums.ts';
import {forecast, type Forecast} from './verdicts.ts';

/** One version of the study, judged by the state of this workspace. */
export interface Version {
  readonly session: Session;
  readonly order: readonly Node[];
  readonly forecasts: ReadonlyMap<NodeId, Forecast>;
}

export async function readVersion(session: Session): Promise<Version> {
  const order = neededFor(session.graph, session.graph.nodes);
  return {session, order, forecasts: await lookWith(session.conditions, () => forecast(session, order))};
}

export interface NodeChange {
  readonly node: Node;
  /** `follows`: of itself it is the same, but what it reads will be another. */
  readonly how: 'new' | 'gone' | 'changed' | 'follows';
  readonly changes: readonly Change[];
  /** How it stands under either version; null where it has none. */
  readonly before: NodeState | null;
  readonly after: NodeState | null;
  /** What it costs now, and what it would have cost before. */
  readonly adds: Cost;
  readonly drops: Cost;
}

export interface ExperimentChange {
  /** Undefined for data and environment, which are nobody's own. */
  readonly experiment: string | undefined;
  readonly how: 'appears' | 'disappears' | 'changes';
  readonly nodes: readonly NodeChange[];
}

export interface Comparison {
  readonly experiments: readonly ExperimentChange[];
  readonly adds: Sum;
  readonly drops: Sum;
}

/** Scripts follow from the rest and cost nothing, and so does the report. */
const passedOver: ReadonlySet<RuleName> = new Set(['script', 'report']);

/** In the order of the new file, then what is gone in the order of the old one. */
export function compare(before: Version, after: Version): Comparison {
  const old = new Map(before.order.map((node) => [node.label, node]));
  const labels = new Set(after.order.map(({label}) => label));
  const costs = {before: pricedBy(before), after: pricedBy(after)};
  const touched = new Set<Node>();
  const changes: NodeChange[] = [];
  for (const node of after.order) {
    if (passedOver.has(node.rule)) continue;
    const follows = after.session.graph.producersOf(node).some((producer) => touched.has(producer));
    const previous = old.get(node.label);
    const change = changeOf({before, after, costs}, previous, {node, follows});
    if (change === undefined) continue;
    touched.add(node);
    changes.push(change);
  }
  for (const node of before.order) {
    if (passedOver.has(node.rule) || labels.has(node.label)) continue;
    const state = stateIn(before, node);
    changes.push({node, how: 'gone', changes: [], before: state, after: null, adds: 'nothing', drops: costs.before(node)});
  }
  return {
    experiments: byExperiment(changes, before, after),
    adds: sumOf(changes.map(({adds}) => adds)),
    drops: sumOf(changes.map(({drops}) => drops)),
  };
}

interface Versions {
  readonly before: Version;
  readonly after: Version;
  readonly costs: {readonly before: Pricer; readonly after: Pricer};
}

function pricedBy({session, forecasts}: Version): Pricer {
  return openPricer(session, forecasts);
}

function changeOf(
  {before, after, costs}: Versions,
  previous: Node | undefined,
  {node, follows}: {readonly node: Node; readonly follows: boolean},
): NodeChange | undefined {
  const now = stateIn(after, node);
  if (previous === undefined) return {node, how: 'new', changes: [], before: null, after: now, adds: costs.after(node), drops: 'nothing'};
  const differences = [...differencesBetween(manifestIn(before, previous), manifestIn(after, node)), ...extentChanges(previous, node)];
  const was = stateIn(before, previous);
  const isOwn = differences.length > 0 || (was !== now && !isFollowing(before, previous) && !isFollowing(after, node));
  if (!isOwn && !follows) return undefined;
  return {
    node,
    how: isOwn ? 'changed' : 'follows',
    changes: differences.map((difference) => explainChange(after.session, node, difference)),
    before: was,
    after: now,
    adds: costs.after(node),
    drops: costs.before(previous),
  };
}

function stateIn({session, forecasts}: Version, node: Node): NodeState {
  return nodeStateOf(session, node, entryIn(forecasts, node));
}

function manifestIn({forecasts}: Version, node: Node): Forecast['verdict']['manifest'] {
  return entryIn(forecasts, node).verdict.manifest;
}

function isFollowing({forecasts}: Version, node: Node): boolean {
  return entryIn(forecasts, node).will === 'follow';
}

function entryIn(forecasts: ReadonlyMap<NodeId, Forecast>, node: Node): Forecast {
  const entry = forecasts.get(node.id);
  if (entry === undefined) throw new Error(`unreachable: no forecast of ${node.id}`);
  return entry;
}

// How much, not what: in no manifest, and yet a price.
function extentChanges(before: Node, after: Node): readonly Difference[] {
  return [...after.extent].flatMap(([name, value]) => {
    const [old, now] = [canonicalText(before.extent.get(name) ?? null), canonicalText(value)];
    return old === now ? [] : [{name: `param ${name}`, before: old, after: now}];
  });
}

function byExperiment(changes: readonly NodeChange[], before: Version, after: Version): readonly ExperimentChange[] {
  const namesIn = ({session}: Version): ReadonlySet<string> => new Set(session.study.experiments.map(({name}) => name));
  const [old, now] = [namesIn(before), namesIn(after)];
  const groups = new Map<string | undefined, NodeChange[]>();
  for (const change of changes) {
    const group = groups.get(change.node.experiment);
    if (group === undefined) groups.set(change.node.experiment, [change]);
    else group.push(change);
  }
  return [...groups].map(([experiment, nodes]) => ({experiment, nodes, how: howOf(experiment, old, now)}));
}

function howOf(experiment: string | undefined, old: ReadonlySet<string>, now: ReadonlySet<string>): ExperimentChange['how'] {
  if (experiment === undefined) return 'changes';
  if (!old.has(experiment)) return 'appears';
  return now.has(experiment) ? 'changes' : 'disappears';
}
