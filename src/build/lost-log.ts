// The log of a run that is gone: nothing is made from it, so it costs no run. In its place stands that it is gone.
import {isLogOf, type Node} from '../graph/node.ts';
import type {Trace} from '../state/trace.ts';
import type {Session} from './session.ts';

function findLostLog({disk}: Session, node: Node): Node['outputs'][number] | undefined {
  return node.outputs.find(({path}) => isLogOf(node, path) && disk.stat(path) === 'missing');
}

export function lacksLog(session: Session, node: Node): boolean {
  return findLostLog(session, node) !== undefined;
}

export function mendLog(session: Session, node: Node, {key, at}: Trace): void {
  const lost = findLostLog(session, node);
  if (lost === undefined) return;
  const made = new Date(at).toISOString();
  session.disk.write(lost.path, `The log of this run is gone. The results beside it are whole: on record since ${made}, key ${key}.\n`);
}
