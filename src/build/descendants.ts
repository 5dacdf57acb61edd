// Finds what was built on a wrong result, by what the results themselves say that they were made from, and makes sure that it never comes back.
import {findAt, isJsonObject, parseObject, type Json} from '../base/json.ts';
import type {Key, NodeId} from '../base/ids.ts';
import {changeEntry, listEntries, outputOf} from '../state/cache.ts';
import type {Trace} from '../state/trace.ts';
import type {Session} from './session.ts';

export interface Wrong {
  /** Of searches, borrows and trainings. */
  readonly keys: ReadonlySet<Key>;
  /** SHA-256 of data files. */
  readonly data: ReadonlySet<string>;
  /** Nodes of which unfinished work does not say what it was begun on. */
  readonly unfinished: ReadonlySet<NodeId>;
  readonly reason: string;
}

/** In the output cache, and at the places of nodes that the study no longer has: those of its own nodes are declared wrong one by one. */
export function disownDescendants(session: Session, {keys, data, unfinished, reason}: Wrong): void {
  const wrong = new Set(keys);
  let open = listMade(session);
  for (let found = true; found;) {
    const before = open.length;
    open = open.filter((made) => {
      const isWrong = wrong.has(made.key) || (made.isWhole ? restsOn(made.path, wrong, data, session) : unfinished.has(made.node));
      if (!isWrong) return true;
      // Whoever else made a result of its key made the same one.
      if (!wrong.has(made.key)) session.store.record({kind: 'disowned', node: made.node, key: made.key, at: session.clock.now()});
      wrong.add(made.key);
      made.disown(reason);
      return false;
    });
    found = open.length < before;
  }
}

interface MadeThing {
  readonly node: NodeId;
  readonly key: Key;
  readonly isWhole: boolean;
  /** Its JSON result. */
  readonly path: string;
  readonly disown: (reason: string) => void;
}

function listMade(session: Session): readonly MadeThing[] {
  const {disk, store, graph, clock} = session;
  const cached = listEntries(disk)
    .filter(({holds}) => holds !== 'invalid')
    .map((entry): MadeThing => {
      const {node, key, trace} = entry;
      const path = `${outputOf(entry)}/${trace === null ? '' : firstName(trace)}`;
      return {node, key, isWhole: trace !== null, path, disown: (reason) => changeEntry(disk, entry, {holds: 'invalid', reason})};
    });
  const present = new Set(graph.nodes.map(({id}) => id));
  const forgotten = store.known().flatMap((node): readonly MadeThing[] => {
    const {trace, lastKey: key} = store.standingOf(node);
    if (key === undefined || present.has(node)) return [];
    const path = trace?.outputs[0]?.[0] ?? '';
    const disown = (reason: string): void => store.record({kind: 'invalidated', node, key, at: clock.now(), reason});
    return [{node, key, isWhole: trace !== undefined, path, disown}];
  });
  return [...cached, ...forgotten];
}

function firstName({outputs}: Trace): string {
  const path = outputs[0]?.[0] ?? '';
  return path.slice(path.lastIndexOf('/') + 1);
}

function restsOn(path: string, keys: ReadonlySet<string>, data: ReadonlySet<string>, {disk}: Session): boolean {
  const result = parseObject(disk.readText(path)) ?? {};
  const sources = Array.isArray(result['sources']) ? (result['sources'] as readonly Json[]) : [];
  const madeFrom = [findAt(result, '/hpo/key'), ...sources.map((source) => (isJsonObject(source) ? source['key'] : undefined))];
  const file = findAt(result, '/provenance/data/sha256');
  return madeFrom.some((key) => typeof key === 'string' && keys.has(key)) || (typeof file === 'string' && data.has(file));
}
