// Removes what a killed writer left beside the file that it was about to replace. Whole files are never named like that.
import type {ProjectPath} from '../base/ids.ts';
import type {Disk} from '../host/disk.ts';

/** As `host/real-disk.ts` names a file until it is renamed. */
const ownTemporary = /^\.ftsbuild-[0-9a-f]{12}\.tmp$/u;
/** As `python/fts/writing.py` does: a dot, the file's own name, the process's number. */
const pythonTemporary = /^\.(.+)\.\d+$/u;

/**
 * Under the lock, when what is left of the jobs has ended: nobody else writes there. Elsewhere than below the folders of results, a person
 * may have hidden files and folders of any name: there only what bears the name of one of the `files` is ours.
 */
export function removeTorn(
  disk: Disk,
  written: {readonly resultFolders: Iterable<ProjectPath>; readonly files: Iterable<ProjectPath>},
): void {
  for (const folder of written.resultFolders) removeBelow(disk, folder);
  const namesIn = new Map<string, Set<string>>([['.ftsbuild', new Set()]]);
  for (const path of written.files) {
    const cut = path.lastIndexOf('/');
    const folder = cut === -1 ? '.' : path.slice(0, cut);
    namesIn.set(folder, (namesIn.get(folder) ?? new Set()).add(path.slice(cut + 1)));
  }
  for (const [folder, names] of namesIn) for (const path of tornIn(disk, folder, (name) => names.has(name))) disk.remove(path);
}

function removeBelow(disk: Disk, folder: string): void {
  for (const path of tornIn(disk, folder, () => true)) disk.remove(path);
  for (const {path, kind} of entriesOf(disk, folder)) if (kind === 'directory') removeBelow(disk, path);
}

function tornIn(disk: Disk, folder: string, isWritten: (name: string) => boolean): readonly string[] {
  return entriesOf(disk, folder).flatMap(({name, path, kind}) => {
    const [, replaced] = pythonTemporary.exec(name) ?? [];
    return kind === 'file' && (ownTemporary.test(name) || (replaced !== undefined && isWritten(replaced))) ? [path] : [];
  });
}

function entriesOf(disk: Disk, folder: string): readonly {name: string; path: string; kind: string}[] {
  const names = disk.list(folder);
  return (names === 'missing' ? [] : names).flatMap((name) => {
    const stat = disk.stat(`${folder}/${name}`);
    return stat === 'missing' ? [] : [{name, path: `${folder}/${name}`, kind: stat.kind}];
  });
}
