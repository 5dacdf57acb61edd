// The files of this machine. Knows nothing of what they mean.
import {randomBytes} from 'node:crypto';
import * as fs from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {sorted} from '../base/order.ts';
import {diskError, findErrorCode, isMissing} from './disk-failure.ts';
import {openPlain, openToAppend, readPlainBytes, readPlainText} from './plain-file.ts';
import {DiskError, type Disk, type Entry, type FileStat} from './disk.ts';

const pieceBytes = 4 << 20;

export function workspaceDisk(root: string): Disk {
  const base = resolve(root);
  const at = (path: string): string => resolve(base, path);
  let identity = identityOf(base);
  // A folder that is renamed while it is worked in must not be made anew at its old place, result by result.
  const change = <T>(action: string, path: string, work: () => T): T => {
    if (identity !== undefined && at(path).startsWith(`${base}/`) && identityOf(base) !== identity)
      throw new DiskError(`Cannot ${action} ${path}: the folder ${base} was renamed, moved or removed meanwhile.`, path);
    const result = attempt(action, path, work);
    identity ??= identityOf(base);
    return result;
  };
  return {
    root: base,
    resolve: at,
    readText: (path) => unlessMissing('read', path, () => readPlainText(at(path))),
    readBytes: (path) => unlessMissing('read', path, () => readPlainBytes(at(path))),
    readPieces: (path) => {
      const file = unlessMissing('read', path, () => openPlain(at(path)));
      return file === undefined ? undefined : pieces(file, path);
    },
    stat: (path) => unlessMissing('look at', path, () => readStat(at(path))) ?? 'missing',
    entryAt: (path) => unlessMissing('look at', path, () => readEntry(at(path))) ?? 'missing',
    list: (path) => unlessMissing('list', path, () => sorted(fs.readdirSync(at(path)))) ?? 'missing',
    write: (path, content) => change('write', path, () => replace(at(path), content)),
    append: (path, text) => change('append to', path, () => withDirectory(at(path), () => appendOnce(at(path), text))),
    create: (path, text) => change('create', path, () => createWhole(at(path), text)),
    truncate: (path, length) => change('shorten', path, () => fs.truncateSync(at(path), length)),
    remove: (path) => attempt('remove', path, () => removeTree(at(path))),
    move: (from, to) => change('move', from, () => rename(at(from), at(to))),
    copy: (from, to) => change('copy', from, () => copyWhole(at(from), at(to))),
    part: (path) => change('part', path, () => partFromLinks(at(path))),
  };
}

function identityOf(folder: string): string | undefined {
  const stat = fs.statSync(folder, {bigint: true, throwIfNoEntry: false});
  return stat === undefined ? undefined : `${String(stat.dev)} ${String(stat.ino)}`;
}

function attempt<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw diskError(action, path, error);
  }
}

function unlessMissing<T>(action: string, path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw diskError(action, path, error);
  }
}

function* pieces(file: number, path: string): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  try {
    for (;;) {
      const count = attempt('read', path, () => fs.readSync(file, buffer, 0, pieceBytes, null));
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    fs.closeSync(file);
  }
}

function readStat(path: string): FileStat | undefined {
  const stat = fs.statSync(path, {bigint: true, throwIfNoEntry: false});
  if (stat === undefined) return undefined;
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other';
  return {kind, size: Number(stat.size), mtimeNs: stat.mtimeNs, ctimeNs: stat.ctimeNs, inode: stat.ino};
}

function readEntry(path: string): Entry {
  const stat = fs.lstatSync(path, {throwIfNoEntry: false});
  if (stat === undefined) return 'missing';
  if (stat.isSymbolicLink()) return 'link';
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other';
}

/** The directories are made only where the first try failed for want of them: the usual case costs nothing extra. */
function withDirectory<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (findErrorCode(error) !== 'ENOENT') throw error;
    fs.mkdirSync(dirname(path), {recursive: true});
    return work();
  }
}

function replace(path: string, content: string | Uint8Array): void {
  const temporary = writeBeside(path, content);
  removingOnFailure(temporary, () => fs.renameSync(temporary, path));
}

function createWhole(path: string, text: string): 'created' | 'exists' {
  const temporary = writeBeside(path, text);
  try {
    // A link fails where the name is taken, and what it makes is complete from the first moment on.
    fs.linkSync(temporary, path);
    return 'created';
  } catch (error) {
    if (findErrorCode(error) === 'EEXIST') return 'exists';
    return createPlainly(path, text);
  } finally {
    fs.rmSync(temporary, {force: true});
  }
}

/** For file systems without hard links. */
function createPlainly(path: string, text: string): 'created' | 'exists' {
  try {
    fs.writeFileSync(path, text, {flag: 'wx', mode: 0o644});
    return 'created';
  } catch (error) {
    if (findErrorCode(error) === 'EEXIST') return 'exists';
    throw error;
  }
}

function writeBeside(path: string, content: string | Uint8Array): string {
  const temporary = join(dirname(path), `.ftsbuild-${randomBytes(6).toString('hex')}.tmp`);
  const file = withDirectory(temporary, () => fs.openSync(temporary, 'wx', 0o644));
  removingOnFailure(temporary, () => {
    try {
      fs.writeFileSync(file, content);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
  });
  return temporary;
}

function removingOnFailure(temporary: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    fs.rmSync(temporary, {force: true});
    throw error;
  }
}

function appendOnce(path: string, text: string): void {
  const file = openToAppend(path);
  try {
    // One call for a whole line: a second writer's line comes before or after it, never inside.
    const bytes = Buffer.from(text);
    const written = fs.writeSync(file, bytes);
    if (written < bytes.length) fs.writeFileSync(file, bytes.subarray(written));
  } finally {
    fs.closeSync(file);
  }
}

function removeTree(path: string): void {
  try {
    fs.rmSync(path, {recursive: true, force: true});
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

// A link counts whatever it leads to.
function isThere(path: string): boolean {
  try {
    return readEntry(path) !== 'missing';
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function rename(from: string, to: string): 'moved' | 'missing' {
  if (!isThere(from)) return 'missing';
  try {
    withDirectory(to, () => fs.renameSync(from, to));
    return 'moved';
  } catch (error) {
    // Two processes may want the same file; the second finds it gone.
    if (findErrorCode(error) === 'ENOENT' && !isThere(from)) return 'missing';
    if (findErrorCode(error) !== 'EXDEV') throw error;
    return moveBetweenFileSystems(from, to);
  }
}

function copyWhole(from: string, to: string): 'copied' | 'missing' {
  if (!fs.existsSync(from)) return 'missing';
  // A clone shares its blocks with the first file until one of the two is written to; elsewhere it is a plain copy.
  placeBeside(to, (temporary) => fs.copyFileSync(from, temporary, fs.constants.COPYFILE_FICLONE));
  return 'copied';
}

function partFromLinks(path: string): ReturnType<Disk['part']> {
  const stat = fs.lstatSync(path, {throwIfNoEntry: false});
  if (stat === undefined) return 'missing';
  if (stat.isDirectory()) return 'folder';
  if (!stat.isFile() || stat.nlink === 1) return 'alone';
  placeBeside(path, (temporary) => {
    fs.copyFileSync(path, temporary, fs.constants.COPYFILE_FICLONE);
    fs.utimesSync(temporary, stat.atime, stat.mtime);
  });
  return 'parted';
}

function placeBeside(path: string, make: (temporary: string) => void): void {
  const temporary = join(dirname(path), `.ftsbuild-${randomBytes(6).toString('hex')}.tmp`);
  removingOnFailure(temporary, () => {
    withDirectory(temporary, () => {
      make(temporary);
    });
    fs.renameSync(temporary, path);
  });
}

/** `outputs/` may be a link to a larger disk: copied beside the new place, so that a half copy is never taken for the whole. */
function moveBetweenFileSystems(from: string, to: string): 'moved' {
  const temporary = join(dirname(to), `.ftsbuild-${randomBytes(6).toString('hex')}.tmp`);
  try {
    fs.cpSync(from, temporary, {recursive: true, preserveTimestamps: true, verbatimSymlinks: true});
    fs.renameSync(temporary, to);
  } finally {
    fs.rmSync(temporary, {recursive: true, force: true});
  }
  fs.rmSync(from, {recursive: true, force: true});
  return 'moved';
}
