// What the rest of the program may do with files. Synchronous: measured to be several times faster than promises for many small files.

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'other';
  /** Bytes. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
}

export type Entry = FileStat['kind'] | 'link' | 'missing';

/** Changes whenever the file does, short of two writes within one tick of the file system's clock. */
export function stampOf({size, mtimeNs, ctimeNs, inode}: FileStat): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${inode}`;
}

/**
 * Paths are relative to the workspace or absolute. A missing file is a value (`undefined`, `'missing'`), every other
 * failure (permission, full disk) throws `DiskError` with a sentence for the user.
 */
export interface Disk {
  /** Absolute path of the workspace, for what must leave the program (a child's working directory). */
  readonly root: string;
  resolve(path: string): string;
  readText(path: string): string | undefined;
  readBytes(path: string): Uint8Array | undefined;
  /** The bytes in pieces, for files that may be larger than memory. Read the pieces before anything else happens to the file. */
  readPieces(path: string): Iterable<Uint8Array> | undefined;
  stat(path: string): FileStat | 'missing';
  /** What lies at the path itself: a link is a link, whatever it leads to. */
  entryAt(path: string): Entry;
  /** Names in a directory, in code-unit order. */
  list(path: string): readonly string[] | 'missing';
  /** Writes a whole file: beside it, synced, renamed over it. Makes the directories above. */
  write(path: string, content: string | Uint8Array): void;
  /** One O_APPEND write, so that two writers cannot tear each other's lines. Makes the directories above. */
  append(path: string, text: string): void;
  /** Creates a file only where there is none; nobody ever sees it half written. Makes the directories above. */
  create(path: string, text: string): 'created' | 'exists';
  /** Cuts a file to so many bytes. */
  truncate(path: string, length: number): void;
  /** Removes a file or a whole directory; a missing one is no failure. */
  remove(path: string): void;
  /** Renames; makes the directories above the new place. A file that is already there is replaced. */
  move(from: string, to: string): 'moved' | 'missing';
  /** Copies a file, whole or not at all, over what is there; the file system shares the blocks where it can. Makes the directories above. */
  copy(from: string, to: string): 'copied' | 'missing';
  /**
   * Makes a file that has other names as well (hard links) one of its own: what is written into those shows in it no more. A symbolic link is
   * left as it is, and a folder is told.
   */
  part(path: string): 'parted' | 'alone' | 'folder' | 'missing';
}

export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly path: string;
  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}
