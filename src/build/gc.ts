// Chooses what of the output cache, the kept files and the old records is removed. Chooses only; removing is a loop over paths.
import type {Key, NodeId} from '../base/ids.ts';
import {sortedBy} from '../base/order.ts';
import {neededFor} from '../graph/order.ts';
import type {Disk} from '../host/disk.ts';
import {listEntries, outputOf, sizeOf, type CacheEntry} from '../state/cache.ts';
import type {Session} from './session.ts';
import {forecast, isAwaited} from './verdicts.ts';

export interface Limits {
  /** Of the cache and the kept files together. */
  readonly maxBytes: number | undefined;
  readonly olderThanMs: number | undefined;
}

export interface Candidate {
  readonly path: string;
  /** For people: a label, with what became of it. */
  readonly what: string;
  readonly key: Key | undefined;
  readonly bytes: number;
  readonly lastUsedMs: number;
}

export interface Collection {
  /** The longest unused first. */
  readonly remove: readonly Candidate[];
  readonly stay: readonly Candidate[];
  /** Entries that today's targets need: they are never among the others. */
  readonly needed: readonly Candidate[];
}

/** What today's targets may take from the cache. */
export interface Needs {
  readonly keys: ReadonlySet<Key>;
  /** Nodes whose key is not known before something has run: all their entries may be needed. */
  readonly nodes: ReadonlySet<NodeId>;
}

export function findNeeds(sessions: readonly Session[]): Needs {
  const keys = new Set<Key>();
  const nodes = new Set<NodeId>();
  for (const session of sessions) {
    const forecasts = forecast(session, neededFor(session.graph, session.graph.nodes));
    for (const [id, entry] of forecasts) {
      keys.add(entry.verdict.key);
      const producers = session.graph.producersOf(session.graph.get(id));
      if (entry.will === 'be_blocked' || producers.some((producer) => isAwaited(forecasts.get(producer.id)))) nodes.add(id);
    }
  }
  return {keys, nodes};
}

export function chooseRemovals(disk: Disk, needs: Needs, limits: Limits, nowMs: number): Collection {
  const {maxBytes, olderThanMs} = limits;
  const isOld = ({lastUsedMs}: Candidate): boolean => olderThanMs !== undefined && nowMs - lastUsedMs > olderThanMs;
  const entries = listEntries(disk);
  const needed = entries.filter((entry) => isNeeded(entry, needs)).map((entry) => ofEntry(entry));
  const free = [...entries.filter((entry) => !isNeeded(entry, needs)).map((entry) => ofEntry(entry)), ...listKept(disk)];
  // An entry without its output is what is left of one that was being put back.
  const debris = new Set(entries.filter((entry) => disk.stat(outputOf(entry)) === 'missing').map(({folder}) => folder));
  let total = [...needed, ...free].reduce((sum, {bytes}) => sum + bytes, 0);
  const remove: Candidate[] = [];
  const stay: Candidate[] = [];
  for (const candidate of sortedByUse(free)) {
    if (isOld(candidate) || debris.has(candidate.path) || (maxBytes !== undefined && total > maxBytes)) {
      remove.push(candidate);
      total -= candidate.bytes;
    } else stay.push(candidate);
  }
  return {remove: [...remove, ...listRecords(disk).filter(isOld), ...listStaging(disk)], stay, needed};
}

function isNeeded({key, node, holds}: CacheEntry, needs: Needs): boolean {
  return holds !== 'invalid' && (needs.keys.has(key) || needs.nodes.has(node));
}

function ofEntry({folder, label, holds, key, bytes, lastUsedMs}: CacheEntry): Candidate {
  return {path: folder, what: holds === 'complete' ? label : `${label} (${holds})`, key, bytes, lastUsedMs};
}

function sortedByUse(candidates: readonly Candidate[]): readonly Candidate[] {
  return sortedBy(candidates, ({path}) => path).toSorted((left, right) => left.lastUsedMs - right.lastUsedMs);
}

function listKept(disk: Disk): readonly Candidate[] {
  return listIn(disk, '.ftsbuild/kept', (name) => `kept aside: ${name}`);
}

// Of each build its events, of each Python step the job file as it last ran.
function listRecords(disk: Disk): readonly Candidate[] {
  return [
    ...listIn(disk, '.ftsbuild/events', (name) => `events of ${name}`),
    ...listIn(disk, '.ftsbuild/jobs', (name) => `job file ${name}`),
  ];
}

function listStaging(disk: Disk): readonly Candidate[] {
  return listIn(disk, '.ftsbuild/staging', (name) => `a copy that was not finished: ${name}`);
}

function listIn(disk: Disk, folder: string, describe: (name: string) => string): readonly Candidate[] {
  const names = disk.list(folder);
  return (names === 'missing' ? [] : names).map((name) => {
    const path = `${folder}/${name}`;
    return {path, what: describe(name), key: undefined, bytes: sizeOf(disk, path), lastUsedMs: newestIn(disk, path)};
  });
}

// Of a folder also what is directly in it: a file that is replaced gives its folder no new time on every disk.
function newestIn(disk: Disk, path: string): number {
  const names = disk.list(path);
  const paths = [path, ...(names === 'missing' ? [] : names.map((name) => `${path}/${name}`))];
  return Math.max(
    ...paths.map((each) => {
      const stat = disk.stat(each);
      return stat === 'missing' ? 0 : Number(stat.mtimeNs / 1_000_000n);
    }),
  );
}
