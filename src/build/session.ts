// One opened workspace: the study, its graph, the world and the state. What every command that reads or builds starts from.
import type {Study} from '../config/study.ts';
import type {Graph} from '../graph/graph.ts';
import type {Clock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import type {Digests} from '../state/digests.ts';
import type {Store} from '../state/store.ts';
import type {World} from '../state/world.ts';
import type {Conditions} from './conditions.ts';

export interface Session {
  readonly study: Study;
  readonly graph: Graph;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly digests: Digests;
  readonly world: World;
  readonly store: Store;
  /** Absolute folder that holds the Python package. */
  readonly packageRoot: string;
  readonly conditions: Conditions;
  readonly templates: ReadonlyMap<string, string>;
  /** Meaning digests whose functions are on record: each is looked at once a session. */
  readonly remembered: Set<string>;
}

/** Whether a path leads among the Python code of this program, which may lie in the workspace. */
export function isOurCode({disk, packageRoot}: Pick<Session, 'disk' | 'packageRoot'>, path: string): boolean {
  return `${disk.resolve(path)}/`.startsWith(`${packageRoot}/`);
}
