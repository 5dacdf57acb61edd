// What a person may want back: moved or copied aside before something else takes its place. Nothing in it is ever looked at again.
import type {ProjectPath} from '../base/ids.ts';
import type {Disk} from '../host/disk.ts';

export const keptFolder = '.ftsbuild/kept';

export interface Kept {
  readonly path: string;
  readonly movedTo: string;
  /** No record says where it came from: a person may know. */
  readonly isUnknown?: true;
}

/** Whatever lies there, a link or a folder too. `name` says what became of it. */
export function moveAside(disk: Disk, path: string, name: string): Kept {
  const movedTo = freePlace(disk, path, name);
  disk.move(path, movedTo);
  return {path, movedTo};
}

/** A copy of a plain file that is going to be written into. */
export function copyAside(disk: Disk, path: ProjectPath, name: string): Kept {
  const movedTo = freePlace(disk, path, name);
  disk.copy(path, movedTo);
  return {path, movedTo};
}

export function freePlace(disk: Disk, path: string, name: string): string {
  let place = `${keptFolder}/${name}/${path}`;
  for (let copy = 2; disk.entryAt(place) !== 'missing'; copy++) place = `${keptFolder}/${name}-${String(copy)}/${path}`;
  return place;
}
