// A disk in memory, for tests and for whole builds without a file. Knows nothing of the machine's real files.
import {posix} from 'node:path';
import {sorted} from '../base/order.ts';
import {type Clock, handClock} from './clock.ts';
import {type Disk, DiskError, type Entry, type FileStat} from './disk.ts';

export interface MemoryDisk extends Disk {
  /** A new time on the same bytes, as `touch` does. */
  touch(path: string): void;
  /** Other bytes, as many, under the stat that there was: what a failing disk does. */
  rot(path: string, text: string): void;
  /** A second name for the same file, as `ln` makes it: what is written into one shows under the other. */
  link(from: string, to: string): void;
  /** Every file's text by its path (relative to the workspace where it lies inside). */
  texts(): Record<string, string>;
  /** Tells the absolute path of every file that is made, written or removed, until the returned function is called. */
  onChange(listener: (path: string) => void): () => void;
}

interface MemoryFile {
  readonly bytes: Uint8Array;
  readonly inode: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

const root = '/workspace';

/** Times come from the clock; a counter in the nanoseconds keeps two writes in one millisecond apart, as a real disk does. */
export function memoryDisk(files: Readonly<Record<string, string | Uint8Array>> = {}, clock: Clock = handClock()): MemoryDisk {
  const disk = new MapDisk(clock);
  for (const [path, content] of Object.entries(files)) disk.write(path, content);
  return disk;
}

class MapDisk implements MemoryDisk {
  readonly root = root;
  readonly #clock: Clock;
  readonly #files = new Map<string, MemoryFile>();
  readonly #directories = new Map<string, MemoryFile>();
  /** Inodes that have more than one name. */
  readonly #linked = new Set<bigint>();
  readonly #listeners = new Set<(path: string) => void>();
  #changes = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#makeDirectories(root);
  }

  resolve(path: string): string {
    return posix.resolve(root, path);
  }

  readText(path: string): string | undefined {
    const bytes = this.readBytes(path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  readBytes(path: string): Uint8Array | undefined {
    if (this.#directories.has(this.resolve(path))) throw refuse('read', path, 'it is a directory');
    return this.#files.get(this.resolve(path))?.bytes.slice();
  }

  readPieces(path: string): Iterable<Uint8Array> | undefined {
    const bytes = this.readBytes(path);
    return bytes === undefined ? undefined : [bytes];
  }

  stat(path: string): FileStat | 'missing' {
    const full = this.resolve(path);
    const file = this.#files.get(full);
    const entry = file ?? this.#directories.get(full);
    if (entry === undefined) return 'missing';
    const {bytes, mtimeNs, ctimeNs, inode} = entry;
    return {kind: file === undefined ? 'directory' : 'file', size: bytes.length, mtimeNs, ctimeNs, inode};
  }

  entryAt(path: string): Entry {
    const stat = this.stat(path);
    return stat === 'missing' ? stat : stat.kind;
  }

  list(path: string): readonly string[] | 'missing' {
    const full = this.resolve(path);
    if (!this.#directories.has(full)) return 'missing';
    const all = [...this.#files.keys(), ...this.#directories.keys()];
    return sorted(all.filter((entry) => entry !== '/' && posix.dirname(entry) === full).map((entry) => posix.basename(entry)));
  }

  write(path: string, content: string | Uint8Array): void {
    this.#put('write', path, Buffer.from(content));
  }

  append(path: string, text: string): void {
    const before = this.#files.get(this.resolve(path));
    const bytes = Buffer.concat([before?.bytes ?? Buffer.alloc(0), Buffer.from(text)]);
    this.#put('append to', path, bytes, before?.inode);
  }

  create(path: string, text: string): 'created' | 'exists' {
    if (this.stat(path) !== 'missing') return 'exists';
    this.#put('create', path, Buffer.from(text));
    return 'created';
  }

  truncate(path: string, length: number): void {
    const file = this.#files.get(this.resolve(path));
    if (file === undefined) throw refuse('shorten', path, 'there is no such file or directory');
    const bytes = Buffer.alloc(length);
    Buffer.from(file.bytes).copy(bytes);
    this.#put('shorten', path, bytes, file.inode);
  }

  remove(path: string): void {
    const full = this.resolve(path);
    const gone = [...this.#files.keys()].filter((entry) => isWithin(entry, full));
    for (const entries of [this.#files, this.#directories]) {
      for (const entry of [...entries.keys()]) if (isWithin(entry, full)) entries.delete(entry);
    }
    for (const entry of gone) this.#tell(entry);
  }

  move(from: string, to: string): 'moved' | 'missing' {
    const source = this.resolve(from);
    const target = this.resolve(to);
    if (this.stat(from) === 'missing') return 'missing';
    this.#refuseMove(from, to);
    this.#makeDirectories(posix.dirname(target));
    if (source === target) return 'moved';
    const moved = [...this.#files.keys()].filter((entry) => isWithin(entry, source));
    for (const entries of [this.#files, this.#directories]) {
      for (const [entry, content] of [...entries]) {
        if (!isWithin(entry, source)) continue;
        entries.delete(entry);
        entries.set(target + entry.slice(source.length), content);
      }
    }
    for (const entry of moved) {
      this.#tell(entry);
      this.#tell(target + entry.slice(source.length));
    }
    return 'moved';
  }

  copy(from: string, to: string): 'copied' | 'missing' {
    const bytes = this.readBytes(from);
    if (bytes === undefined) return 'missing';
    this.#put('copy', to, bytes);
    return 'copied';
  }

  part(path: string): ReturnType<Disk['part']> {
    const file = this.#files.get(this.resolve(path));
    if (file === undefined) return this.stat(path) === 'missing' ? 'missing' : 'folder';
    const names = [...this.#files.values()].filter(({inode}) => inode === file.inode);
    if (names.length === 1) return 'alone';
    this.#put('part', path, file.bytes);
    return 'parted';
  }

  link(from: string, to: string): void {
    const file = this.#files.get(this.resolve(from));
    if (file === undefined) throw refuse('link', from, 'there is no such file');
    this.#put('link', to, file.bytes);
    this.#files.set(this.resolve(to), file);
    this.#linked.add(file.inode);
  }

  touch(path: string): void {
    const file = this.#files.get(this.resolve(path));
    if (file === undefined) throw refuse('touch', path, 'there is no such file or directory');
    this.#put('touch', path, file.bytes, file.inode);
  }

  rot(path: string, text: string): void {
    const file = this.#files.get(this.resolve(path));
    if (file === undefined) throw refuse('damage', path, 'there is no such file');
    this.#files.set(this.resolve(path), {...file, bytes: Buffer.from(text)});
  }

  texts(): Record<string, string> {
    const short = (path: string): string => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
    return Object.fromEntries(sorted(this.#files.keys()).map((path) => [short(path), this.readText(path) ?? '']));
  }

  onChange(listener: (path: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(path: string): void {
    for (const listener of this.#listeners) listener(path);
  }

  #put(action: string, path: string, bytes: Uint8Array, inode?: bigint): void {
    const full = this.resolve(path);
    if (this.#directories.has(full)) throw refuse(action, path, 'it is a directory');
    this.#makeDirectories(posix.dirname(full));
    const file = this.#stamp(bytes, inode);
    this.#files.set(full, file);
    this.#tell(full);
    if (inode === undefined || !this.#linked.has(inode)) return;
    for (const [other, {inode: same}] of this.#files) if (same === inode) this.#files.set(other, file);
  }

  #stamp(bytes: Uint8Array, inode?: bigint): MemoryFile {
    this.#changes += 1n;
    const now = BigInt(Math.round(this.#clock.now())) * 1_000_000n + (this.#changes % 1_000_000n);
    return {bytes, inode: inode ?? this.#changes, mtimeNs: now, ctimeNs: now};
  }

  #makeDirectories(full: string): void {
    for (let here = full; !this.#directories.has(here); here = posix.dirname(here)) {
      if (this.#files.has(here)) throw refuse('write below', here, 'it is a file, not a directory');
      this.#directories.set(here, this.#stamp(new Uint8Array()));
    }
  }

  #refuseMove(from: string, to: string): void {
    const target = this.stat(to);
    if (target === 'missing' || this.resolve(from) === this.resolve(to)) return;
    const source = this.stat(from);
    if (source === 'missing' || target.kind !== source.kind) throw refuse('move', from, 'a file and a directory cannot replace each other');
    if (target.kind === 'directory' && this.list(to).length > 0) throw refuse('move', from, 'the directory is not empty');
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function refuse(action: string, path: string, reason: string): DiskError {
  return new DiskError(`Cannot ${action} ${path}: ${reason}.`, path);
}
