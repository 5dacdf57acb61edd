// Gates before a job: what can be known to be in vain is refused, with its numbers, before anything is spent.
import type {JsonObject} from '../base/json.ts';
import {countWindows, splitProblem, type Extent, type Split} from '../config/split.ts';
import type {DataEntry} from '../state/data-manifest.ts';
import type {JobWork} from '../graph/node.ts';
import type {Session} from './session.ts';

export interface Refusal {
  readonly reason: 'refused' | 'assert';
  readonly message: string;
}

/** What follows from the number of rows alone; undefined where that is enough, or not known yet. Nothing is spent, and nothing is recorded of it. */
export function findRefusal(session: Session, work: JobWork): Refusal | undefined {
  const entry = work.data === undefined ? undefined : session.world.findDataEntry(work.data);
  if (entry === undefined) return undefined;
  const extent = extentOf(entry, work);
  const problem = splitProblem(splitOf(work.record), extent);
  if (problem !== undefined) return {reason: 'refused', message: `too little data: ${problem}`};
  if (work.asserts.length === 0) return undefined;
  const counts = countWindows(splitOf(work.record), extent);
  const variables = {
    rows: extent.rows,
    train: {windows: counts?.train ?? null},
    val: {windows: counts?.val ?? null},
    test: {windows: counts?.test ?? null},
  };
  for (const {expression} of work.asserts) {
    const outcome = session.conditions.evaluate(expression, variables);
    if (outcome?.holds !== false) continue;
    const detail = outcome.detail === '' ? '' : ` (${outcome.detail})`;
    return {reason: 'assert', message: `the assertion \`${expression}\` does not hold${detail}`};
  }
  return undefined;
}

function extentOf({rows}: DataEntry, {record}: JobWork): Extent {
  return {rows, context: numberAt(record, 'context'), horizon: numberAt(record, 'horizon')};
}

function splitOf(record: JsonObject): Split {
  const mode = record['split.mode'];
  return {
    mode: mode === 'contiguous' || mode === 'dates' || mode === 'classic' ? mode : 'scattered',
    block: numberAt(record, 'split.block'),
    validation: numberAt(record, 'split.validation'),
    test: numberAt(record, 'split.test'),
    embargo: numberAt(record, 'split.embargo'),
    minWindows: numberAt(record, 'split.min_windows'),
  };
}

function numberAt(record: JsonObject, name: string): number {
  const value = record[name];
  return typeof value === 'number' ? value : 0;
}
