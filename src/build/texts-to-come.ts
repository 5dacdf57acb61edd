// What will lie at the place of a search's or a borrow's best parameters before it does, where that is known: nothing has to run to tell it. Writes nothing.
import {parseObject} from '../base/json.ts';
import type {Key} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {placesOf, type Source} from './restore.ts';
import type {Session} from './session.ts';
import {stampedCopy} from './transfer.ts';

/** The best parameters of a search that are copied from another node's place, with the identity that they get; who borrows reads it. */
export function copyToCome(session: Session, node: Node, source: Source): readonly (readonly [path: string, text: string])[] {
  if (node.rule !== 'hpo' || source.from !== 'twin') return [];
  if (!session.graph.consumersOf(node).some(({rule}) => rule === 'borrow')) return [];
  const [path, there] = placesOf(node, source)[0] ?? [];
  const text = there === undefined ? undefined : stampedCopy(session, node, there);
  return path === undefined || text === undefined ? [] : [[path, text]];
}

/** What a borrow will come to, all of whose sources are known; `readText` reads them as they will lie there. */
export function borrowToCome(
  node: Node,
  key: Key,
  readText: (path: string) => string | undefined,
): readonly (readonly [path: string, text: string])[] {
  if (node.rule !== 'borrow' || node.work.kind !== 'internal') return [];
  const rendered = node.work.perform({readText});
  if (rendered instanceof Promise || !rendered.ok) return [];
  return rendered.value.files.map(({path, text}) => [path, JSON.stringify({...parseObject(text), key})]);
}
