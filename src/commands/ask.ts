// Asks before what takes very long: one question for all nodes of a plan that are over the threshold. Wiring only.
import type {NodeId} from '../base/ids.ts';
import type {PlanOf} from '../build/price.ts';
import {expensive, describeExpensive, describeRefusals, type Priced} from '../ui/price.ts';
import type {Terminal} from './terminal.ts';

/** Nodes that are not to run, and why. Without a terminal the answer is no. */
export async function askForExpensive(
  plan: Priced & Pick<PlanOf, 'forecasts'>,
  yes: boolean,
  terminal: Terminal,
): Promise<ReadonlyMap<NodeId, string>> {
  const nodes = expensive(plan);
  if (nodes.length === 0 || yes || (await terminal.confirm(describeExpensive(plan, nodes)))) return new Map();
  return describeRefusals(plan, nodes);
}
