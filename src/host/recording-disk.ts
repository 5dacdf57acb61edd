// A disk that remembers which paths were looked at, so that somebody can tell later whether any of them has changed.
import type {Disk} from './disk.ts';

export interface RecordingDisk extends Disk {
  /** Every path that was read, listed or looked at so far, missing ones included. */
  looked(): ReadonlySet<string>;
}

export function recordingDisk(disk: Disk): RecordingDisk {
  const paths = new Set<string>();
  const noting = <T>(look: (path: string) => T): ((path: string) => T) => {
    return (path) => {
      paths.add(path);
      return look(path);
    };
  };
  return {
    ...disk,
    readText: noting((path) => disk.readText(path)),
    readBytes: noting((path) => disk.readBytes(path)),
    readPieces: noting((path) => disk.readPieces(path)),
    stat: noting((path) => disk.stat(path)),
    entryAt: noting((path) => disk.entryAt(path)),
    list: noting((path) => disk.list(path)),
    looked: () => paths,
  };
}
