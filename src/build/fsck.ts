// Reads every file whose digest is on record, bytes and not stats; mends from wherever the same bytes lie. Knows no one's key.
import {findProjectPath} from '../base/ids.ts';
import {findWritablePath} from '../base/places.ts';
import type {Disk} from '../host/disk.ts';
import {isCutDatabase} from '../state/database.ts';
import {changeEntry, listEntries, outputOf, type CacheEntry} from '../state/cache.ts';
import {openDigests} from '../state/digests.ts';
import {readDataManifest} from '../state/data-manifest.ts';
import {moveAside} from '../state/kept.ts';
import {placeOf} from './keep.ts';
import type {Session} from './session.ts';
import {findTorn, findTornRecords} from './torn.ts';

/** A file that is not what was recorded. */
export interface Finding {
  readonly path: string;
  readonly is: 'damaged' | 'missing';
  /** Whose it is, for people. */
  readonly of: string;
  readonly rule: string;
  /** Of a result in the cache: the entry that holds it. */
  readonly entry: CacheEntry | undefined;
  readonly recorded: string;
  /** A file that has these bytes now. */
  readonly source: string | undefined;
}

export interface Examination {
  /** Files whose bytes are what was recorded. */
  readonly sound: number;
  /** Results of which nothing is at its place: superseded, cleaned, or removed. The next build that needs them makes or restores them. */
  readonly absent: number;
  readonly findings: readonly Finding[];
  /** What killed writers left. */
  readonly torn: readonly string[];
}

export interface Mended extends Finding {
  /** Where the damaged file is now; undefined where there was none. */
  readonly keptAt: string | undefined;
}

/** Over the state of the workspace; `sessions` are its studies, which know what else is theirs. */
export function examine(session: Session, sessions: readonly Session[]): Examination {
  const {disk, clock} = session;
  const recorded = [...recordedByNodes(session, sessions), ...recordedOfData(sessions), ...recordedInCache(disk)];
  const inside = recorded.map((group) => group.filter(({path}) => findProjectPath(path) !== undefined));
  const groups = inside.filter((group) => group.length > 0);
  // The record of digests rests on stats, which a damaged disk leaves as they were.
  const digests = openDigests(disk, clock, '.ftsbuild/fsck');
  const good = new Map<string, string>();
  const bad: Omit<Finding, 'source'>[] = [];
  let sound = 0;
  let absent = 0;
  for (const group of groups) {
    const seen = group.map((file) => ({file, digest: file.isCompared ? digests.digestOf(file.path) : existence(disk, file)}));
    const isAbsent = seen.every(({digest}) => digest === 'missing');
    if (isAbsent) absent++;
    for (const {file, digest} of isAbsent ? [] : seen) {
      const {isCompared, ...known} = file;
      if (digest !== file.recorded) bad.push({...known, is: digest === 'missing' ? 'missing' : 'damaged'});
      else {
        sound++;
        if (isCompared) good.set(file.recorded, file.path);
      }
    }
  }
  const findings = bad.map((finding) => ({...finding, source: good.get(finding.recorded)}));
  return {sound, absent, findings, torn: findAllTorn(session, sessions)};
}

/** Under the lock. What cannot be mended stays at its place, and from now on no build takes it for what was recorded. */
export function mend(
  session: Session,
  {findings, torn}: Examination,
): {readonly mended: readonly Mended[]; readonly left: readonly Finding[]} {
  const {disk} = session;
  for (const path of torn) disk.remove(path);
  const mended: Mended[] = [];
  const left: Finding[] = [];
  for (const finding of findings) {
    const {path, is, source, entry} = finding;
    // A record may name any path: only where a study may write is anything put.
    const place = entry === undefined ? findWritablePath(path) : findProjectPath(path);
    if (source !== undefined && place !== undefined) {
      const keptAt = is === 'missing' ? undefined : moveAside(session.disk, place, `damaged-${finding.recorded.slice(0, 12)}`).movedTo;
      disk.copy(source, path);
      mended.push({...finding, keptAt});
      continue;
    }
    left.push(finding);
    if (entry !== undefined) changeEntry(disk, entry, {holds: 'invalid', reason: `${path.slice(outputOf(entry).length + 1)} is ${is}`});
    // New times: whoever has a digest of it on record by its stat looks at its bytes. A link is a person's, and stays one.
    else if (is === 'damaged' && place !== undefined && disk.entryAt(path) === 'file') disk.copy(path, path);
  }
  return {mended, left};
}

interface Recorded {
  readonly path: string;
  readonly of: string;
  readonly rule: string;
  readonly recorded: string;
  /** False for what differs from run to run and must only be there. */
  readonly isCompared: boolean;
  readonly entry: CacheEntry | undefined;
}

function existence(disk: Disk, {path, recorded}: Recorded): string {
  if (disk.stat(path) === 'missing') return 'missing';
  return path.endsWith('/study.db') && isCutDatabase(disk.readBytes(path) ?? new Uint8Array()) ? 'cut' : recorded;
}

const logs = /(?:^|\/)(?:study\.db|[^/]+\.log)$/u;

// A node a group: its outputs belong together.
function recordedByNodes(session: Session, sessions: readonly Session[]): readonly (readonly Recorded[])[] {
  const nodes = new Map(sessions.flatMap(({graph}) => graph.nodes.map((node) => [node.id, node] as const)));
  const volatile = new Set<string>(
    [...nodes.values()].flatMap(({outputs}) => outputs.flatMap(({path, kind}) => (kind === 'volatile' ? [path] : []))),
  );
  return session.store.known().flatMap((id) => {
    const {trace} = session.store.standingOf(id);
    if (trace === undefined) return [];
    const node = nodes.get(id);
    const common = {of: node?.label ?? id, rule: node?.rule ?? 'unknown', entry: undefined};
    return [
      [...trace.outputs, ...(trace.sides ?? [])].flatMap(([path, recorded]) =>
        recorded === 'missing' ? [] : [{...common, path, recorded, isCompared: !volatile.has(path) && !logs.test(path)}],
      ),
    ];
  });
}

// What a build has made is in the journal, too: only files of a person are asked of the manifest.
function recordedOfData(sessions: readonly Session[]): readonly (readonly Recorded[])[] {
  const built = new Set<string>(sessions.flatMap(({graph}) => graph.nodes.flatMap(({outputs}) => outputs.map(({path}) => path))));
  const entries = new Map(
    sessions.flatMap(({disk, study}) => [...readDataManifest(disk, study.paths.manifest).values()].map((entry) => [entry.path, entry])),
  );
  return [...entries.values()]
    .filter(({path}) => !built.has(path))
    .map(({path, sha256, dataset}) => [{path, of: `data ${dataset}`, rule: 'data', recorded: sha256, isCompared: true, entry: undefined}]);
}

function recordedInCache(disk: Disk): readonly (readonly Recorded[])[] {
  return listEntries(disk).flatMap((entry) => {
    const {trace, holds, path: place, label, rule} = entry;
    if (trace === null || holds === 'invalid') return [];
    return [
      trace.outputs.flatMap(([path, recorded]) => {
        if (recorded === 'missing') return [];
        const inside = path.startsWith(place) ? path.slice(place.length) : undefined;
        if (inside === undefined) return [];
        return [{path: outputOf(entry) + inside, of: `${label} in the cache`, rule, recorded, isCompared: !logs.test(path), entry}];
      }),
    ];
  });
}

function findAllTorn({disk, clock}: Session, sessions: readonly Session[]): readonly string[] {
  const nodes = sessions.flatMap(({graph}) => graph.nodes);
  const written = {
    resultFolders: nodes.flatMap((node) => placeOf(node) ?? []),
    files: [
      ...sessions.flatMap(({study: {paths}}) => [paths.manifest, paths.report, paths.log]),
      ...nodes.flatMap(({outputs}) => outputs.map(({path}) => path)),
    ],
  };
  return [...new Set([...findTornRecords(disk, clock.now()), ...findTorn(disk, written, clock.now())])];
}
