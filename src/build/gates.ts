// Gates before a job: what can be known to be in vain is refused, with its numbers, before anything is spent.
import type {JsonObject} from '../base/json.ts';
import {countWindows, splitProblem, type Extent, type Split} from '../config/split.ts';
import type {DataEntry} from '../state/data-manifest.ts';
import type {JobWork} from '../graph/node.ts';
import type {Outcome} from './events.ts';
import {refused} from './runner.ts';
import type {Session} from './session.ts';

export async function findRefusal(session: Session, work: JobWork): Promise<Outcome | undefined> {
  const tooLittle = findTooLittleData(session, work);
  if (tooLittle !== undefined) return refused('refused', tooLittle);
  const entry = work.data === undefined ? undefined : session.world.findDataEntry(work.data);
  if (entry === undefined || work.asserts.length === 0) return undefined;
  const {evaluateExpression} = await import('../config/expression.ts');
  const split = splitOf(work.record);
  const extent = extentOf(entry, work);
  const counts = countWindows(split, extent);
  const variables = {
    rows: extent.rows,
    train: {windows: counts?.train ?? null},
    val: {windows: counts?.val ?? null},
    test: {windows: counts?.test ?? null},
  };
  for (const {expression} of work.asserts) {
    const outcome = evaluateExpression(expression, variables);
    if (outcome.holds === false)
      return refused('assert', `the assertion \`${expression}\` does not hold${outcome.detail === '' ? '' : ` (${outcome.detail})`}`);
  }
  return undefined;
}

/** What follows from the number of rows alone; undefined where that is enough, or not known yet. */
export function findTooLittleData(session: Session, work: JobWork): string | undefined {
  const entry = work.data === undefined ? undefined : session.world.findDataEntry(work.data);
  if (entry === undefined) return undefined;
  const problem = splitProblem(splitOf(work.record), extentOf(entry, work));
  return problem === undefined ? undefined : `too little data: ${problem}`;
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
