// How much may still be written to a disk.
import {statfsSync} from 'node:fs';
import {dirname} from 'node:path';
import {isMissing} from './disk-failure.ts';

/** Bytes under an absolute path, which need not be there yet. */
export function readFreeDisk(path: string): number {
  try {
    const {bavail, bsize} = statfsSync(path);
    return bavail * bsize;
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error;
    return readFreeDisk(dirname(path));
  }
}
