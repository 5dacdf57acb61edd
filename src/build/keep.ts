// Moves results that are about to be superseded aside, so that nothing is ever overwritten. Removes nothing.
import type {Key, ProjectPath} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import type {Session} from './session.ts';

export interface Kept {
  readonly path: string;
  readonly movedTo: string;
}

/**
 * The directory of a study or a training goes to `.ftsbuild/kept/{key}/` when what lies there was not made under `key`: a study under one key
 * never goes on in the files of another.
 */
export function keepSuperseded(session: Session, node: Node, key: Key): Kept | undefined {
  if (node.work.kind !== 'job' || node.work.job.rule === 'data') return undefined;
  const directory = node.work.job.output;
  if (session.disk.stat(directory) === 'missing') return undefined;
  const {lastKey} = session.store.standingOf(node.id);
  if (lastKey === key) return undefined;
  return moveAside(session, directory, lastKey ?? `unknown-${String(session.clock.now())}`);
}

/** A file made by hand, or edited by hand since it was rendered, that differs from what is to be written in its place. */
export function keepEdited(session: Session, node: Node, path: ProjectPath, text: string): Kept | undefined {
  const present = session.disk.readText(path);
  if (present === undefined || present === text) return undefined;
  const recorded = session.store.standingOf(node.id).lastTrace?.outputs.find(([output]) => output === path)?.[1];
  const digest = session.world.digestOf(path);
  return recorded === digest ? undefined : moveAside(session, path, `edited-${digest.slice(0, 12)}`);
}

/** The outputs of a run whose check failed: kept for inspection, never used. */
export function keepRejected(session: Session, directory: ProjectPath, key: Key): Kept {
  return moveAside(session, directory, `rejected-${key.slice(0, 12)}-${String(session.clock.now())}`);
}

function moveAside(session: Session, path: ProjectPath, name: string): Kept {
  let movedTo = `.ftsbuild/kept/${name}/${path}`;
  for (let copy = 2; session.disk.stat(movedTo) !== 'missing'; copy++) movedTo = `.ftsbuild/kept/${name}-${String(copy)}/${path}`;
  session.disk.move(path, movedTo);
  return {path, movedTo};
}
