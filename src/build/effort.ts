// How much work a run of a node is: what its duration is divided by before others learn from it.
import type {Key} from '../base/ids.ts';
import {findAt, type JsonObject} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import type {Disk} from '../host/disk.ts';
import type {Effort, Standing, Trace} from '../state/trace.ts';
import type {Session} from './session.ts';
import {trainedAt} from './trained.ts';

/** Of a run that ends now under `key`: trials that an earlier success under the same key had already paid for are not in it. */
export function effortOf(node: Node, standing: Standing, key: Key): Effort {
  const trials = trialsOf(node);
  const before = standing.lastTrace?.key === key ? standing.lastTrace.extent['trials'] : undefined;
  return {
    rule: node.rule,
    size: sizeOf(node),
    trials: trials === null ? null : Math.max(0, trials - (typeof before === 'number' ? before : 0)),
  };
}

/** Parameter count of the node's budget. */
export function sizeOf({work}: Node): number | null {
  const size = work.kind === 'job' ? work.job.record['budget.params'] : undefined;
  return typeof size === 'number' && size > 0 ? size : null;
}

/** Trials of a whole study. */
export function trialsOf({rule, extent}: Node): number | null {
  const trials = extent.get('trials');
  return rule === 'hpo' && typeof trials === 'number' ? trials : null;
}

/** Of results that are taken as they lie there: all their trials, also those beyond what is wanted today. On that many the time was spent. */
export function trialsIn(node: Node, result: JsonObject): Partial<Pick<Trace, 'extent' | 'effort'>> {
  const trials = findAt(result, '/trials/ended');
  if (node.rule !== 'hpo' || typeof trials !== 'number') return {};
  return {extent: {...Object.fromEntries(node.extent), trials}, effort: {rule: node.rule, size: sizeOf(node), trials}};
}

/** What of a search or a training that lies at its place was really trained, for its effort. */
export function trainedBy(session: Pick<Session, 'disk'>, node: Node): Pick<Effort, 'trained'> {
  const [first] = node.outputs;
  const trained = first === undefined || !(node.rule === 'hpo' || node.rule === 'training') ? undefined : trainedAt(session, first.path);
  return trained === undefined ? {} : {trained};
}

/** Trials that have ended of the study in a folder, by its lines; 0 where there is no study. */
export function endedTrialsIn(disk: Disk, folder: string): number {
  return (disk.readText(`${folder}/trials.jsonl`) ?? '').split('\n').length - 1;
}
