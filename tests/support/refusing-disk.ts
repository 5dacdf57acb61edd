// Lets a disk in memory refuse changes, as one that is full, broken or not ours does.
import {DiskError} from '../../src/host/disk.ts';
import type {MemoryDisk} from '../../src/host/memory-disk.ts';

const changes = ['write', 'append', 'create', 'truncate', 'remove', 'move', 'copy', 'part'] as const;

/** From now on the paths cannot be changed, until the returned function is called. */
export function refuseChanges(disk: MemoryDisk, isRefused: (path: string) => boolean): () => void {
  for (const change of changes) {
    const whole = disk[change].bind(disk) as (...args: readonly unknown[]) => unknown;
    disk[change] = ((path: string, ...rest: readonly unknown[]) => {
      if (isRefused(path)) throw new DiskError(`Cannot change ${path}: no space is left on the device.`, path);
      return whole(path, ...rest);
    }) as never;
  }
  return () => {
    for (const change of changes) Reflect.deleteProperty(disk, change);
  };
}
