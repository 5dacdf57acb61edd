// Turns the operating system's error codes into a missing value or a sentence. Knows nothing of what the file was for.
import {DiskError} from './disk.ts';
import {notPlain} from './plain-file.ts';

// A link that leads to itself leads to nothing.
const missingCodes: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file or directory'],
  ['ENOTDIR', 'something above it in the path is a file, not a directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'the operation is not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space is left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EISDIR', 'it is a directory'],
  [notPlain, 'it is a pipe, a socket or a device, not a plain file'],
  ['ENXIO', 'it is a pipe, a socket or a device, not a plain file'],
  ['ENOTEMPTY', 'the directory is not empty'],
  ['EEXIST', 'it exists already'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open on this machine'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ELOOP', 'its symbolic links go in a circle'],
  ['EIO', 'the device reports an input/output error'],
  ['EFBIG', 'the file is too large'],
]);

/** The error code of a system error; undefined for everything else, which is a bug and must be thrown on. */
export function findErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function isMissing(error: unknown): boolean {
  const code = findErrorCode(error);
  return code !== undefined && missingCodes.has(code);
}

/** The reason of a system error in words: "permission denied". */
export function reasonOf(code: string): string {
  return reasons.get(code) ?? `the system says ${code}`;
}

/** A sentence for the user. What is no system error is a bug and passes through unchanged. */
export function diskError(action: string, path: string, error: unknown): unknown {
  const code = findErrorCode(error);
  if (code === undefined) return error;
  return new DiskError(`Cannot ${action} ${path}: ${reasonOf(code)}.`, path, {cause: error});
}
