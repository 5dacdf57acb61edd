// Which files a watched study rests on: its configuration, what its nodes read and write, the log, the state; templates and code by folder.
import type {Disk} from '../host/disk.ts';
import {stampOf} from '../host/disk.ts';
import type {Watched, WatchedFolder} from '../host/watcher.ts';
import {filterOf} from '../host/watcher.ts';
import {lockPath} from '../state/lock.ts';
import {journalPath} from '../state/store.ts';
import type {Session} from './session.ts';

/** `folders` lie in the workspace or beside the program. */
export function watchedOf(disk: Disk, paths: Iterable<string>, folders: readonly WatchedFolder[]): Watched {
  const files = new Set([...paths, journalPath, lockPath].map((path) => disk.resolve(path)));
  const outside = folders.map(({path}) => path).filter((path) => !path.startsWith(`${disk.root}/`));
  return {roots: [disk.root, ...outside], files, folders};
}

/** Volatile outputs are left out: they change all the time while a job runs, and decide nothing by what is in them. */
export function pathsOf({study, graph}: Session): ReadonlySet<string> {
  const paths = new Set<string>([...study.sources, study.paths.log, study.paths.manifest]);
  for (const {inputs, outputs} of graph.nodes) {
    for (const {path} of inputs) paths.add(path);
    for (const {path, kind} of outputs) if (kind === 'file') paths.add(path);
  }
  return paths;
}

/** Absolute path -> stamp of every watched file that is there. */
export function stampsOf(disk: Disk, {files, folders}: Watched): ReadonlyMap<string, string> {
  const stamps = new Map<string, string>();
  const add = (path: string): void => {
    const stamp = findStamp(disk, path);
    if (stamp !== undefined) stamps.set(path, stamp);
  };
  for (const path of files) add(path);
  for (const folder of folders) for (const path of filesBelow(disk, folder.path)) if (path.endsWith(folder.ending)) add(path);
  return stamps;
}

/** Undefined where there is no file. */
export function findStamp(disk: Disk, path: string): string | undefined {
  const stat = disk.stat(path);
  return stat === 'missing' ? undefined : stampOf(stat);
}

/** Whether everything that is to be watched is watched already. */
export function covers(now: Watched | undefined, wanted: Watched): boolean {
  if (now === undefined) return false;
  const filter = filterOf(now);
  return [...wanted.files].every((path) => filter.isWatched(path));
}

function filesBelow(disk: Disk, folder: string): readonly string[] {
  const names = disk.list(folder);
  if (names === 'missing') return [];
  return names.flatMap((name) => {
    const path = `${folder}/${name}`;
    const stat = disk.stat(path);
    if (stat === 'missing' || name === '__pycache__') return [];
    return stat.kind === 'directory' ? filesBelow(disk, path) : [path];
  });
}
