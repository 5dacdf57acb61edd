// Takes results away from their places without losing one: into the cache, from where the next build puts them back. Asks nobody.
import type {ProjectPath} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {sizeOf} from '../state/cache.ts';
import type {Kept} from '../state/kept.ts';
import {placeOf, setAside} from './keep.ts';
import type {Session} from './session.ts';

/** Something at the place of a search, of borrowed parameters or of a training. What the engine makes in moments is no result. */
export interface Cleanable {
  readonly node: Node;
  readonly path: ProjectPath;
  readonly bytes: number;
}

export interface Cleaned extends Cleanable {
  readonly kept: Kept;
}

export function findCleanable({disk}: Session, nodes: readonly Node[]): readonly Cleanable[] {
  return nodes.flatMap((node) => {
    const path = placeOf(node);
    return path === undefined || disk.stat(path) === 'missing' ? [] : [{node, path, bytes: sizeOf(disk, path)}];
  });
}

/** Under the lock. What no key vouches for (edited, of unknown origin) goes to `.ftsbuild/kept/`. */
export function clean(session: Session, found: readonly Cleanable[]): readonly Cleaned[] {
  return found.flatMap((one) => {
    const kept = setAside(session, one.node);
    return kept === undefined ? [] : [{...one, kept}];
  });
}
