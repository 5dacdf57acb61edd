// The output cache: results that were superseded, each under the key it was made with. Moves and marks them; judges nothing.
import type {Key, NodeId} from '../base/ids.ts';
import {isJsonObject, type Json} from '../base/json.ts';
import {findWritablePath} from '../base/places.ts';
import {isInstant, type Instant} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import type {Ended, Trace} from './trace.ts';

export const cacheFolder = '.ftsbuild/cache';

export interface CacheEntry {
  /** `.ftsbuild/cache/3f/3f...`: holds `entry.json` and `output`. Two results of one key lie side by side, the second with `.2` at its end. */
  readonly folder: string;
  readonly key: Key;
  readonly node: NodeId;
  readonly rule: string;
  readonly label: string;
  /** Where it lay: a folder, or the one file that the node makes. */
  readonly path: string;
  /**
   * `partial` work goes on when its key returns; what is `rejected` is whole, and comes back when no check speaks against it any more; what is
   * `invalid` is never given back.
   */
  readonly holds: 'complete' | 'partial' | 'rejected' | 'invalid';
  /** Why it is rejected or invalid. */
  readonly reason: string | null;
  /** Of a complete or rejected result. */
  readonly trace: Trace | null;
  /** Of partial work: how it had ended, and what it had cost. */
  readonly ended: Ended | null;
  readonly spentMs: number;
  readonly bytes: number;
  readonly createdMs: Instant;
  readonly lastUsedMs: Instant;
}

export type NewEntry = Omit<CacheEntry, 'folder' | 'bytes' | 'createdMs' | 'lastUsedMs'>;

export function outputOf({folder}: Pick<CacheEntry, 'folder'>): string {
  return `${folder}/output`;
}

/** Entries of one key, the newest first. One whose output is gone was being put back when the engine died. */
export function findEntries(disk: Disk, key: Key): readonly CacheEntry[] {
  const shelf = `${cacheFolder}/${key.slice(0, 2)}`;
  const entries = namesIn(disk, shelf)
    .filter((name) => name === key || name.startsWith(`${key}.`))
    .flatMap((name) => readEntry(disk, `${shelf}/${name}`) ?? []);
  return entries.toSorted((left, right) => right.createdMs - left.createdMs);
}

export function listEntries(disk: Disk): readonly CacheEntry[] {
  return namesIn(disk, cacheFolder).flatMap((shelf) =>
    namesIn(disk, `${cacheFolder}/${shelf}`).flatMap((name) => readEntry(disk, `${cacheFolder}/${shelf}/${name}`) ?? []),
  );
}

/**
 * Moves what lies at `entry.path`, or a copy of it that was made at `from`, into the cache, whole. What it is is written first: nothing without
 * a description is in the cache.
 */
export function putEntry(disk: Disk, entry: NewEntry, now: Instant, from = entry.path): CacheEntry {
  const stored: CacheEntry = {
    ...entry,
    folder: freeFolder(disk, entry.key),
    bytes: sizeOf(disk, from),
    createdMs: now,
    lastUsedMs: now,
  };
  writeEntry(disk, stored);
  partBelow(disk, from);
  disk.move(from, outputOf(stored));
  return stored;
}

/** Moves the output back to its place. The description stays until `dropEntry`, for a start after a crash in between. */
export function takeOutput(disk: Disk, entry: CacheEntry): void {
  partBelow(disk, outputOf(entry));
  disk.move(outputOf(entry), entry.path);
}

// Earlier versions linked what two results had in common.
function partBelow(disk: Disk, path: string): void {
  if (disk.part(path) !== 'folder') return;
  for (const name of namesIn(disk, path)) partBelow(disk, `${path}/${name}`);
}

export function dropEntry(disk: Disk, entry: Pick<CacheEntry, 'folder'>): void {
  disk.remove(entry.folder);
  const shelf = entry.folder.slice(0, entry.folder.lastIndexOf('/'));
  if (namesIn(disk, shelf).length === 0) disk.remove(shelf);
}

export function changeEntry(disk: Disk, entry: CacheEntry, change: Partial<Pick<CacheEntry, 'holds' | 'reason' | 'lastUsedMs'>>): void {
  writeEntry(disk, {...entry, ...change});
}

/** Bytes of a file, or of everything in a folder; 0 where there is nothing. */
export function sizeOf(disk: Disk, path: string): number {
  // What a link leads to lies elsewhere.
  if (disk.entryAt(path) === 'link') return 0;
  const stat = disk.stat(path);
  if (stat === 'missing') return 0;
  if (stat.kind !== 'directory') return stat.size;
  return namesIn(disk, path).reduce((sum, name) => sum + sizeOf(disk, `${path}/${name}`), 0);
}

function namesIn(disk: Disk, folder: string): readonly string[] {
  const names = disk.list(folder);
  return names === 'missing' ? [] : names;
}

function freeFolder(disk: Disk, key: Key): string {
  const first = `${cacheFolder}/${key.slice(0, 2)}/${key}`;
  for (let copy = 1; ; copy++) {
    const folder = copy === 1 ? first : `${first}.${String(copy)}`;
    if (disk.stat(folder) === 'missing') return folder;
  }
}

function writeEntry(disk: Disk, {folder, ...entry}: CacheEntry): void {
  disk.write(`${folder}/entry.json`, `${JSON.stringify({schema_version: 1, ...entry}, null, 2)}\n`);
}

// The parse boundary: only this program writes here. What it cannot read it leaves alone.
function readEntry(disk: Disk, folder: string): CacheEntry | undefined {
  const text = disk.readText(`${folder}/entry.json`);
  if (text === undefined) return undefined;
  try {
    const json = JSON.parse(text) as Json;
    if (!isJsonObject(json) || json['schema_version'] !== 1 || !isInstant(json['createdMs']) || !isInstant(json['lastUsedMs']))
      return undefined;
    // It is where the output goes when it is put back.
    const {path} = json;
    return typeof path === 'string' && findWritablePath(path) !== undefined ? ({...json, folder} as unknown as CacheEntry) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
