// Says which files changed, as they change. Knows nothing of what is done about it.
import {dirname} from 'node:path';

/** What is watched. All paths are absolute. */
export interface Watched {
  /** Folders that exist; everything else lies in or below one of them. */
  readonly roots: readonly string[];
  /** Each may be missing, come and go, with the folders above it. */
  readonly files: ReadonlySet<string>;
  /** Folders of which every file counts whose name ends so, at any depth. */
  readonly folders: readonly WatchedFolder[];
}

export interface WatchedFolder {
  readonly path: string;
  readonly ending: string;
}

export interface WatchListener {
  /** A watched file was made, changed, replaced or removed. May be told more than once. */
  readonly onChange: (path: string) => void;
  /** Changes may be missed from now on; a sentence for the user. */
  readonly onTrouble: (message: string) => void;
}

export interface Watcher {
  close(): Promise<void>;
}

/** Resolves when no later change will be missed. */
export type StartWatcher = (watched: Watched, listener: WatchListener) => Promise<Watcher>;

export interface WatchFilter {
  isWatched(path: string): boolean;
  /** Whether something watched is, or may come to be, in this folder or below it. */
  mayHold(path: string): boolean;
}

export function filterOf({roots, files, folders}: Watched): WatchFilter {
  const above = new Set<string>(roots);
  for (const path of [...files, ...folders.map((folder) => folder.path)])
    for (let folder = dirname(path); !above.has(folder) && dirname(folder) !== folder; folder = dirname(folder)) above.add(folder);
  const isIn = (path: string, {path: folder}: WatchedFolder): boolean => `${path}/`.startsWith(`${folder}/`) && !compiled.test(path);
  return {
    isWatched: (path) => files.has(path) || folders.some((folder) => path.endsWith(folder.ending) && isIn(path, folder)),
    mayHold: (path) => above.has(path) || folders.some((folder) => isIn(path, folder)),
  };
}

// What Python makes of its sources changes whenever one is run.
const compiled = /\/__pycache__(\/|$)/;
