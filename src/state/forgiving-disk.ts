// A disk that steps over records which may be deleted at any time and cannot be read, and that writes them in spite of what lies in the way.
import {DiskError, type Disk} from '../host/disk.ts';
import {moveAside} from './kept.ts';

// Not the journal, the lock, owed rows, what was disowned, the cache: who lost one of them without a word would believe something wrong.
const forgettable = ['digests', 'fsck', 'schema.json', 'interpreter.json'];
const forgettableFolders = ['events', 'fresh', 'hardware', 'jobs', 'logs', 'parts', 'requests', 'staging', 'trials', 'verified'];

export function forgivingDisk(disk: Disk): Disk {
  const unlessUnreadable = <T>(path: string, read: () => T | undefined): T | undefined => {
    if (!isForgettable(path)) return read();
    try {
      return read();
    } catch (error) {
      if (error instanceof DiskError) return undefined;
      throw error;
    }
  };
  const inSpite = <T>(path: string, write: () => T): T => {
    if (!isForgettable(path)) return write();
    try {
      return write();
    } catch (error) {
      if (!(error instanceof DiskError) || !makeWay(disk, path)) throw error;
      return write();
    }
  };
  return {
    ...disk,
    readText: (path) => unlessUnreadable(path, () => disk.readText(path)),
    readBytes: (path) => unlessUnreadable(path, () => disk.readBytes(path)),
    write: (path, content) => inSpite(path, () => disk.write(path, content)),
    append: (path, text) => inSpite(path, () => disk.append(path, text)),
    create: (path, text) => inSpite(path, () => disk.create(path, text)),
  };
}

function isForgettable(path: string): boolean {
  const [folder, first = '', ...rest] = path.split('/');
  return folder === '.ftsbuild' && (rest.length === 0 ? forgettable.includes(first) : forgettableFolders.includes(first));
}

/** Moves aside what is no folder above the path, or no plain file at it; whether there was anything. It may be a person's. */
function makeWay(disk: Disk, path: string): boolean {
  const steps = path.split('/');
  for (const index of steps.keys()) {
    const here = steps.slice(0, index + 1).join('/');
    const stat = disk.stat(here);
    const isInTheWay =
      stat === 'missing' ? disk.entryAt(here) === 'link' : stat.kind !== (index === steps.length - 1 ? 'file' : 'directory');
    if (!isInTheWay) continue;
    moveAside(disk, here, 'unknown');
    return true;
  }
  return false;
}
