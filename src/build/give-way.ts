// The one way by which an output of a node is replaced, removed or written into: what we did not put there ourselves goes aside first.
import type {ProjectPath} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {copyAside, moveAside, type Kept} from '../state/kept.ts';
import type {Mover} from './runner.ts';
import type {Session} from './session.ts';

/** Writes a file that a node makes. */
export function replaceOutput(mover: Mover, node: Node, path: ProjectPath, text: string): void {
  const {session} = mover;
  if (isSameText(session, path, text)) return;
  giveWay(mover, node, path);
  session.disk.write(path, text);
}

/** Removes a file that a node has made before and makes no more. */
export function removeOutput(mover: Mover, node: Node, path: ProjectPath): void {
  giveWay(mover, node, path);
  mover.session.disk.remove(path);
}

function giveWay(mover: Mover, node: Node, path: ProjectPath): void {
  const {session} = mover;
  const found = findForeign(session, node, path);
  if (found !== undefined) mover.listen({type: 'node_kept', node, ...moveAside(session.disk, path, found.name), ...found.unknown});
}

/**
 * What a job is going to write into or replace: a result that somebody has edited since it was recorded is copied, for a search goes on with what
 * lies there; everything else that is not ours has to go.
 */
export function keepEdits(session: Session, node: Node): readonly Kept[] {
  return node.outputs.flatMap(({path, kind}) => {
    const isPlain = session.disk.entryAt(path) === 'file';
    // What lies among our records is ours; what differs from run to run has no digest to be held against.
    if (isPlain && (kind === 'volatile' || path.startsWith('.ftsbuild/'))) return [];
    const found = findForeign(session, node, path);
    if (found === undefined) return [];
    if (!isPlain || node.rule === 'data') return [{...moveAside(session.disk, path, found.name), ...found.unknown}];
    // An earlier version did not record what an attempt had left that did not succeed.
    return found.unknown === undefined ? [copyAside(session.disk, path, found.name)] : [];
  });
}

/** What an attempt that did not succeed leaves at the node's places. */
export function leftBy({disk, world}: Session, {outputs}: Node): readonly (readonly [path: ProjectPath, digest: string])[] {
  const left = outputs.filter(({path, kind}) => kind === 'file' && disk.entryAt(path) === 'file');
  return left.map(({path}) => [path, world.digestOf(path)] as const);
}

interface Foreign {
  /** Of the folder that it is kept in. */
  readonly name: string;
  readonly unknown?: {readonly isUnknown: true};
}

/** Undefined where nothing lies, or what this node has put there. */
function findForeign(session: Session, node: Node, path: ProjectPath): Foreign | undefined {
  const entry = session.disk.entryAt(path);
  if (entry === 'missing') return undefined;
  // A builder makes the same file in every study, and the data manifest knows it.
  if (node.rule === 'data' && session.world.findDataEntry(path) !== undefined) return undefined;
  const recorded = recordedOf(session, node).get(path);
  if (entry !== 'file' || recorded === undefined) return {name: `unknown-${String(session.clock.now())}`, unknown: {isUnknown: true}};
  const digest = session.world.digestOf(path);
  return digest === recorded ? undefined : {name: `edited-${digest.slice(0, 12)}`};
}

/** What the node has last left at its places, be it whole or not. */
function recordedOf({store}: Session, node: Node): ReadonlyMap<ProjectPath, string> {
  const {lastTrace, ended} = store.standingOf(node.id);
  return new Map([...(lastTrace?.outputs ?? []), ...(lastTrace?.sides ?? []), ...(ended?.outputs ?? [])]);
}

function isSameText({disk}: Session, path: ProjectPath, text: string): boolean {
  return disk.entryAt(path) === 'file' && disk.readText(path) === text;
}
