// Chooses what of the output cache, the results of trials, the kept files and the old records is removed. Chooses only; removing is a loop over paths.
import type {Key, NodeId} from '../base/ids.ts';
import {sortedBy} from '../base/order.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import type {Disk} from '../host/disk.ts';
import {listEntries, outputOf, sizeOf, type CacheEntry} from '../state/cache.ts';
import {lookWith} from './conditions.ts';
import type {Session} from './session.ts';
import {currentTrialContext, trialDirectory} from './trial-cache.ts';
import {forecast, isAwaited} from './verdicts.ts';

export interface Limits {
  /** Of results, trials and kept files together. */
  readonly maxBytes: number | undefined;
  readonly olderThanMs: number | undefined;
}

/** What it is that takes up room. */
export const kinds = ['results', 'trials', 'kept', 'records', 'unfinished'] as const;
export type Kind = (typeof kinds)[number];

export interface Candidate {
  readonly kind: Kind;
  readonly path: string;
  /** For people: a label, with what became of it. */
  readonly what: string;
  readonly key: Key | undefined;
  readonly bytes: number;
  readonly lastUsedMs: number;
}

export interface Collection {
  /** In the order in which they would go. */
  readonly remove: readonly Candidate[];
  readonly stay: readonly Candidate[];
  /** What today's targets need: it is never among the others. */
  readonly needed: readonly Candidate[];
}

/** What today's targets may take from the cache. */
export interface Needs {
  readonly keys: ReadonlySet<Key>;
  /** Nodes whose key is not known before something has run: all their entries may be needed. */
  readonly nodes: ReadonlySet<NodeId>;
  /** Contexts of the trials that a search which is going to run may look up; `any` where one is not known yet. */
  readonly contexts: ReadonlySet<string> | 'any';
}

/** Asks as a plan does, with all that answers it: what a plan would restore is needed, under whichever name it lies there. */
export async function findNeeds(sessions: readonly Session[]): Promise<Needs> {
  const keys = new Set<Key>();
  const nodes = new Set<NodeId>();
  const contexts = new Set<string>();
  let isAnyContext = false;
  for (const session of sessions) {
    const order = neededFor(session.graph, session.graph.nodes);
    const forecasts = await lookWith(session.conditions, () => forecast(session, order));
    for (const [id, entry] of forecasts) {
      const node = session.graph.get(id);
      keys.add(entry.verdict.key);
      const isUnknown =
        entry.will === 'be_blocked' || session.graph.producersOf(node).some((producer) => isAwaited(forecasts.get(producer.id)));
      if (isUnknown) nodes.add(id);
      if (node.rule !== 'hpo' || entry.will === 'stay') continue;
      if (isUnknown) isAnyContext ||= hasData(session, node);
      else contexts.add(currentTrialContext(session, entry.verdict.manifest));
    }
  }
  return {keys, nodes, contexts: isAnyContext ? 'any' : contexts};
}

// A search over data that were never made has no trials to look up that anybody could tell.
function hasData(session: Session, {work}: Node): boolean {
  return work.kind !== 'job' || work.job.data === undefined || session.world.findDataEntry(work.job.data) !== undefined;
}

/** With needs that are `unknown`, no result and no trial goes. */
export function chooseRemovals(disk: Disk, needs: Needs | 'unknown', limits: Limits, nowMs: number): Collection {
  const {maxBytes, olderThanMs} = limits;
  const isOld = ({lastUsedMs}: Candidate): boolean => olderThanMs !== undefined && nowMs - lastUsedMs > olderThanMs;
  const entries = listEntries(disk);
  const trials = listTrials(disk);
  const needed = [
    ...entries.filter((entry) => isNeeded(entry, needs)).map((entry) => ofEntry(entry)),
    ...trials.filter((candidate) => areTrialsNeeded(candidate, needs)),
  ];
  const free = [...entries.filter((entry) => !isNeeded(entry, needs)).map((entry) => ofEntry(entry)), ...listKept(disk)];
  const freeTrials = trials.filter((candidate) => !areTrialsNeeded(candidate, needs));
  // An entry without its output is what is left of one that was being put back.
  const debris = new Set(entries.filter((entry) => disk.stat(outputOf(entry)) === 'missing').map(({folder}) => folder));
  let total = sum([...needed, ...free, ...freeTrials]);
  const remove: Candidate[] = [];
  const stay: Candidate[] = [];
  // Trials come last: for their size they save the most.
  for (const candidate of [...sortedByUse(free), ...sortedByUse(freeTrials)]) {
    if (isOld(candidate) || debris.has(candidate.path) || (maxBytes !== undefined && total > maxBytes)) {
      remove.push(candidate);
      total -= candidate.bytes;
    } else stay.push(candidate);
  }
  return {remove: [...remove, ...listRecords(disk).filter(isOld), ...listStaging(disk)], stay, needed};
}

/** Bytes of all of them. */
export function sum(candidates: readonly Candidate[]): number {
  return candidates.reduce((total, {bytes}) => total + bytes, 0);
}

function isNeeded({key, node, holds}: CacheEntry, needs: Needs | 'unknown'): boolean {
  return holds !== 'invalid' && (needs === 'unknown' || needs.keys.has(key) || needs.nodes.has(node));
}

function areTrialsNeeded({path}: Candidate, needs: Needs | 'unknown'): boolean {
  if (needs === 'unknown' || needs.contexts === 'any') return true;
  return needs.contexts.has(path.slice(trialDirectory.length + 1));
}

function ofEntry({folder, label, holds, key, bytes, lastUsedMs}: CacheEntry): Candidate {
  return {kind: 'results', path: folder, what: holds === 'complete' ? label : `${label} (${holds})`, key, bytes, lastUsedMs};
}

function sortedByUse(candidates: readonly Candidate[]): readonly Candidate[] {
  return sortedBy(candidates, ({path}) => path).toSorted((left, right) => left.lastUsedMs - right.lastUsedMs);
}

// Those of one context together: they serve the same searches.
function listTrials(disk: Disk): readonly Candidate[] {
  return listIn(disk, 'trials', trialDirectory, (name) => `results of trials, under ${name.slice(0, 12)}`);
}

function listKept(disk: Disk): readonly Candidate[] {
  return listIn(disk, 'kept', '.ftsbuild/kept', (name) => `kept aside: ${name}`);
}

// Of each build its events and its hardware log, of each Python step the job file as it last ran.
function listRecords(disk: Disk): readonly Candidate[] {
  return [
    ...listIn(disk, 'records', '.ftsbuild/events', (name) => `events of ${name}`),
    ...listIn(disk, 'records', '.ftsbuild/hardware', (name) => `hardware log of ${name}`),
    ...listIn(disk, 'records', '.ftsbuild/jobs', (name) => `job file ${name}`),
  ];
}

function listStaging(disk: Disk): readonly Candidate[] {
  return listIn(disk, 'unfinished', '.ftsbuild/staging', (name) => `a copy that was not finished: ${name}`);
}

function listIn(disk: Disk, kind: Kind, folder: string, describe: (name: string) => string): readonly Candidate[] {
  const names = disk.list(folder);
  return (names === 'missing' ? [] : names).map((name) => {
    const path = `${folder}/${name}`;
    return {kind, path, what: describe(name), key: undefined, bytes: sizeOf(disk, path), lastUsedMs: newestIn(disk, path)};
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
