// Digests of files, remembered under a guard of their stat. Knows nothing of why somebody asks.
import {createHash} from 'node:crypto';
import {type Digest, digest} from '../base/ids.ts';
import type {Clock} from '../host/clock.ts';
import {type Disk, type FileStat, stampOf} from '../host/disk.ts';
import {type Entry, parseEntry, readEntries, writeEntries} from './digest-record.ts';

export interface Digests {
  /** SHA-256 of a file's bytes; of a directory: of the sorted list of the files in it, with their digests. */
  digestOf(path: string): Digest | 'missing';
  /**
   * Something that follows from a file's bytes alone (the meaning of Python source, a part of a JSON file), remembered under
   * its kind; `missing` where there is no such file. A kind whose computation changes needs a new name.
   */
  derived(path: string, kind: string, compute: (bytes: Uint8Array) => string): string;
  /** Writes what is new. Who must write nothing does not call it. */
  save(): void;
}

/**
 * A stored digest is trusted only where size, times and inode are as they were, and where the times lie this far before the
 * recording: a file written twice within one tick of a coarse clock has the same stat and other bytes ("racily clean").
 */
const marginNs = 2_000_000_000n;

/** Larger files are read in pieces: a checkpoint may exceed memory. */
const wholeBytes = 16 << 20;

/** Beyond this many, entries that nobody asked for in this run are dropped on saving. */
const keptEntries = 50_000;

export function openDigests(disk: Disk, clock: Clock, recordPath: string): Digests {
  return new GuardedDigests(disk, clock, recordPath);
}

class GuardedDigests implements Digests {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #recordPath: string;
  /** A line as it was stored, until somebody asks for it. */
  readonly #entries: Map<string, string | Entry>;
  readonly #used = new Set<string>();
  #changed = false;

  constructor(disk: Disk, clock: Clock, recordPath: string) {
    this.#disk = disk;
    this.#clock = clock;
    this.#recordPath = recordPath;
    this.#entries = readEntries(disk.readText(recordPath) ?? '');
  }

  digestOf(path: string): Digest | 'missing' {
    const stat = this.#disk.stat(path);
    if (stat === 'missing' || stat.kind === 'other') return 'missing';
    return stat.kind === 'directory' ? this.#digestOfDirectory(path, stat) : (this.#entryOf(path, stat)?.digest ?? 'missing');
  }

  derived(path: string, kind: string, compute: (bytes: Uint8Array) => string): string {
    const stat = this.#disk.stat(path);
    if (stat === 'missing' || stat.kind !== 'file') return 'missing';
    const entry = this.#entryOf(path, stat);
    const known = entry?.derived.get(kind);
    if (entry === undefined || known !== undefined) return known ?? 'missing';
    return this.#derive(path, {kind, compute, entry});
  }

  save(): void {
    if (!this.#changed) return;
    const kept = [...this.#entries].filter(([path]) => this.#entries.size <= keptEntries || this.#used.has(path));
    this.#disk.write(this.#recordPath, writeEntries(kept));
    this.#changed = false;
  }

  #derive(path: string, {kind, compute, entry}: {kind: string; compute: (bytes: Uint8Array) => string; entry: Entry}): string {
    const bytes = this.#disk.readBytes(path);
    if (bytes === undefined) return 'missing';
    const value = compute(bytes);
    // Remembered only for the bytes that the entry stands for: the file may have changed since.
    if (sha256(bytes) !== entry.digest) return value;
    entry.derived.set(kind, value);
    this.#changed = true;
    return value;
  }

  #entryOf(path: string, stat: FileStat): Entry | undefined {
    this.#used.add(path);
    const known = this.#find(path);
    if (known !== undefined && known.stamp === stampOf(stat) && isSettled(stat, known.recordedNs)) return known;
    const fresh = this.#look(path, stat);
    if (fresh === undefined) return undefined;
    const entry = known?.digest === fresh.digest ? {...fresh, derived: known.derived} : fresh;
    this.#entries.set(path, entry);
    this.#changed = true;
    return entry;
  }

  #find(path: string): Entry | undefined {
    const stored = this.#entries.get(path);
    if (typeof stored !== 'string') return stored;
    const entry = parseEntry(stored);
    if (entry !== undefined) this.#entries.set(path, entry);
    return entry;
  }

  #look(path: string, stat: FileStat): Entry | undefined {
    // The moment before reading, so that a change while we read is not older than the recording.
    const recordedNs = BigInt(Math.floor(this.#clock.now())) * 1_000_000n;
    const hex = stat.size > wholeBytes ? this.#hashInPieces(path) : this.#hashWhole(path);
    return hex === undefined ? undefined : {stamp: stampOf(stat), recordedNs, digest: digest(hex), derived: new Map()};
  }

  #hashWhole(path: string): string | undefined {
    const bytes = this.#disk.readBytes(path);
    return bytes === undefined ? undefined : sha256(bytes);
  }

  #hashInPieces(path: string): string | undefined {
    const pieces = this.#disk.readPieces(path);
    if (pieces === undefined) return undefined;
    const hash = createHash('sha256');
    for (const piece of pieces) hash.update(piece);
    return hash.digest('hex');
  }

  #digestOfDirectory(path: string, stat: FileStat): Digest {
    const hash = createHash('sha256');
    this.#addDirectory(path, {prefix: '', above: new Set([stat.inode]), add: (line) => hash.update(line)});
    return digest(hash.digest('hex'));
  }

  #addDirectory(path: string, walk: Walk): void {
    const names = this.#disk.list(path);
    if (names === 'missing') return;
    for (const name of names) {
      const inner = `${path}/${name}`;
      const stat = this.#disk.stat(inner);
      if (stat === 'missing' || stat.kind === 'other') continue;
      const relative = walk.prefix + name;
      if (stat.kind === 'file') walk.add(`${relative}\0${this.#entryOf(inner, stat)?.digest ?? 'missing'}\n`);
      // A link to a directory above would lead round and round.
      else if (!walk.above.has(stat.inode)) {
        this.#addDirectory(inner, {...walk, prefix: `${relative}/`, above: new Set([...walk.above, stat.inode])});
      }
    }
  }
}

interface Walk {
  readonly prefix: string;
  /** Inodes of the directories that we are inside of. */
  readonly above: ReadonlySet<bigint>;
  readonly add: (line: string) => void;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The change time counts too: a program may set the modification time back. */
function isSettled({mtimeNs, ctimeNs}: FileStat, recordedNs: bigint): boolean {
  return (mtimeNs > ctimeNs ? mtimeNs : ctimeNs) + marginNs < recordedNs;
}
