// Removes what a killed writer left beside the file that it was about to replace. Follows no link: what lies behind one is somebody else's.
import type {ProjectPath} from '../base/ids.ts';
import type {Disk, Entry} from '../host/disk.ts';
import {cacheFolder} from '../state/cache.ts';
import {keptFolder} from '../state/kept.ts';
import {stagingFolder} from './keep.ts';

/** As `host/real-disk.ts` names what it writes until it is renamed. */
const ownTemporary = /^\.ftsbuild-[0-9a-f]{12}\.tmp$/u;
/** As `python/fts/writing.py` does: a dot, the file's own name, the process's number. */
const pythonTemporary = /^\.(.+)\.\d+$/u;

/** What jobs write into the folders of results, by that name or, until it is whole, beside it. */
export const resultNames: ReadonlySet<string> = new Set([
  ...['best_params.json', 'trials.jsonl', 'study.db', 'metrics.json', 'predictions.parquet', 'best.pt', 'last.pt'],
]);

/**
 * Under the lock, when what is left of the jobs has ended: nobody else writes there. A person may have hidden files and folders of any name
 * beside results: what is ours bears the name of a result or of one of the `files`.
 */
export function removeTorn(disk: Disk, written: Written): void {
  for (const path of tornBeside(disk, written)) disk.remove(path);
}

export interface Written {
  readonly resultFolders: Iterable<ProjectPath>;
  readonly files: Iterable<ProjectPath>;
}

/** The same, to be looked at first; what a script that runs by hand is writing at this moment is no remnant. */
export function findTorn(disk: Disk, written: Written, nowMs: number): readonly string[] {
  return tornBeside(disk, written).filter((path) => isOld(disk, path, nowMs));
}

function tornBeside(disk: Disk, written: Written): readonly string[] {
  const namesIn = new Map<string, Set<string>>();
  for (const path of written.files) {
    const cut = path.lastIndexOf('/');
    const folder = cut === -1 ? '.' : path.slice(0, cut);
    namesIn.set(folder, (namesIn.get(folder) ?? new Set()).add(path.slice(cut + 1)));
  }
  const ofFiles = [...namesIn].flatMap(([folder, names]) => tornIn(disk, folder, names));
  return [...new Set([...[...written.resultFolders].flatMap((folder) => tornInResults(disk, folder)), ...ofFiles])];
}

function tornInResults(disk: Disk, folder: string): readonly string[] {
  if (disk.entryAt(folder) !== 'directory') return [];
  const folders = entriesOf(disk, folder).flatMap(({path, is}) => (is === 'directory' ? [path] : []));
  return [...tornIn(disk, folder, resultNames), ...folders.flatMap((path) => tornInResults(disk, path))];
}

function tornIn(disk: Disk, folder: string, names: ReadonlySet<string>): readonly string[] {
  return entriesOf(disk, folder).flatMap(({name, path, is}) => (is === 'file' && isTemporary(name, names) ? [path] : []));
}

function isTemporary(name: string, names: ReadonlySet<string> | 'any'): boolean {
  const replaced = pythonTemporary.exec(name)?.[1];
  return ownTemporary.test(name) || (replaced !== undefined && (names === 'any' || names.has(replaced)));
}

/** A command that only looks writes a record, too: what it is writing at this moment is no remnant. */
const writingMs = 60_000;

/**
 * Remnants below `.ftsbuild/`, where every name is ours but for those of kept files and of results in the cache: files that never became whole,
 * and copies of results that were not put at their place. To be looked for under the lock.
 */
export function findTornRecords(disk: Disk, nowMs: number): readonly string[] {
  const staged = entriesOf(disk, stagingFolder).map(({path}) => path);
  return [...staged, ...tornBelow(disk, '.ftsbuild')].filter((path) => isOld(disk, path, nowMs));
}

function tornBelow(disk: Disk, folder: string): readonly string[] {
  if (folder === keptFolder || folder === stagingFolder) return [];
  const isEntry = folder.startsWith(`${cacheFolder}/`);
  return entriesOf(disk, folder).flatMap(({name, path, is}) => {
    if (ownTemporary.test(name) || (is === 'file' && isTemporary(name, 'any'))) return [path];
    return is === 'directory' && !(isEntry && name === 'output') ? tornBelow(disk, path) : [];
  });
}

function isOld(disk: Disk, path: string, nowMs: number): boolean {
  const stat = disk.stat(path);
  return stat !== 'missing' && nowMs - Number(stat.mtimeNs / 1_000_000n) > writingMs;
}

export function removeTornRecords(disk: Disk, nowMs: number): readonly string[] {
  const torn = findTornRecords(disk, nowMs);
  for (const path of torn) disk.remove(path);
  return torn;
}

function entriesOf(disk: Disk, folder: string): readonly {readonly name: string; readonly path: string; readonly is: Entry}[] {
  const names = disk.list(folder);
  return (names === 'missing' ? [] : names).map((name) => {
    const path = `${folder}/${name}`;
    return {name, path, is: disk.entryAt(path)};
  });
}
