// Watches a disk in memory: each change is told at once.
import type {MemoryDisk} from './memory-disk.ts';
import {filterOf, type StartWatcher} from './watcher.ts';

export function memoryWatching(disk: MemoryDisk): StartWatcher {
  return (watched, {onChange}) => {
    const filter = filterOf(watched);
    const end = disk.onChange((path) => {
      if (filter.isWatched(path)) onChange(path);
    });
    return Promise.resolve({
      close: () => {
        end();
        return Promise.resolve();
      },
    });
  };
}
