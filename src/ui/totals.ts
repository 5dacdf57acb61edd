// How many nodes stand how, in words.
import {nodeStates, type StateTotals} from '../build/node-state.ts';

export function describeTotals(totals: StateTotals): string {
  return nodeStates
    .filter((state) => totals[state] > 0)
    .map((state) => `${String(totals[state])} ${state}`)
    .join(', ');
}
