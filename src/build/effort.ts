// How much work a run of a node is: what its duration is divided by before others learn from it.
import type {Key} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import type {Disk} from '../host/disk.ts';
import type {Effort, Standing} from '../state/trace.ts';

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

/** Trials that have ended of the study in a folder, by its lines; 0 where there is no study. */
export function endedTrialsIn(disk: Disk, folder: string): number {
  return (disk.readText(`${folder}/trials.jsonl`) ?? '').split('\n').length - 1;
}
